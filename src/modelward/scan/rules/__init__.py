"""Scan rules, a file each; the docstring is the help page."""
