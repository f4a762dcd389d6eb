"""What every part stands on; never says "comment"."""
