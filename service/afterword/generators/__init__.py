"""Baking as part of a build: what the command does, and plugins of generators written in Python."""
