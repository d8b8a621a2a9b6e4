"""Readers of model and data formats. They run nothing and know no rules."""
