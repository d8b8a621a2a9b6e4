"""The Model BOM: what is known of a model, field by field, with who says so."""
