"""The ways by which people are told, one a file."""
