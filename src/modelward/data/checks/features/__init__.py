"""What rows may have in common: each kind of feature a file that gives tables of the rows that have it."""
