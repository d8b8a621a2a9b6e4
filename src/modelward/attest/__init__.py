"""Signed statements: envelope, keys, predicates, trust, verification."""
