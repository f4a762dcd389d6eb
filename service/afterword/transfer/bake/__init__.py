"""Comments in the pages that a generator built: read without script, found by search engines."""
