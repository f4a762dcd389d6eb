"""Visitors' words made safe: text, names, links and the HTML of a comment. Pure functions."""
