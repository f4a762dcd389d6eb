"""Feeds of what is new: on a page, on a site, in answer to one reader."""
