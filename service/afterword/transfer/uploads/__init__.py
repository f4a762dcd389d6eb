"""Files that an owner sends to the desk: looked through first, brought in when they say so."""
