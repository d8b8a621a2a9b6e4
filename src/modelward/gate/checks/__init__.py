"""Built-in gate checks, a file each."""
