"""Running it: serve, migrate, back up, restore, look for trouble."""
