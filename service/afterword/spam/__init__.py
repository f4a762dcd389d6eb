"""Spam and abuse: what a comment looks like, and why."""
