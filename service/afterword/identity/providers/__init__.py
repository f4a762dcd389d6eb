"""Those who vouch for readers: a module each, which the others do not know."""
