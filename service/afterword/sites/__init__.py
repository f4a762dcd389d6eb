"""Sites: a blog, its allowed origins and its options."""
