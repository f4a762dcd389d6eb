"""The write path, one verb a file. JSON API, form, desk and commands are doors to the same acts."""
