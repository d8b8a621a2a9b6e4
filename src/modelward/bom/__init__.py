"""The Model BOM: one internal model, read and written in standard formats."""
