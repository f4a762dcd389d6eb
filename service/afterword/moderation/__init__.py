"""Decisions over comments: the moves, who may make them, and the log of what was done."""
