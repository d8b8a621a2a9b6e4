"""Steps that leave provenance: wrapped commands and evaluations."""
