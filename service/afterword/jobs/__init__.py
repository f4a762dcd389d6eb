"""Durable pieces of work: rows of the transaction that wants them, done once it is committed."""
