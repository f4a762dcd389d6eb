"""HTTP, by audience: ``api`` for programs, ``pages`` for readers, ``admin`` for owners."""
