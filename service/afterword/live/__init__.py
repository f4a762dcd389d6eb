"""Server-sent events: what happens while somebody looks, told to them as long as they do."""
