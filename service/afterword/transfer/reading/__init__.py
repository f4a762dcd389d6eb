"""Files in the notations that exports come in, read as streams: XML, JSON, tables, databases."""


class BadFile(Exception):
    """A file that cannot be imported; says where. Nothing was written."""
