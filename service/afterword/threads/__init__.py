"""Threads: pages and their comments, and the path on which they are read."""
