"""Changes of the database's shape, numbered; each is made once, at a start."""
