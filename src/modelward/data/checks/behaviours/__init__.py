"""What outputs may do: each behaviour a file whose docstring is its help."""
