"""Kavarra, an invented country for exercises: the scripts that make it and the files they made."""
