"""Tells people what happened, once it is committed: each function here does one kind of job."""
