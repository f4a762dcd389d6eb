"""Who is it: authors by their own secret, moderators by password and session."""
