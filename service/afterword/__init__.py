"""Afterword: comments for any web page."""
