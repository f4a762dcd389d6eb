"""What pages elsewhere say of ours, and ours of them: https://www.w3.org/TR/webmention/."""
