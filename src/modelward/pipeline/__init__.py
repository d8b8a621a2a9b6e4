"""The pipeline: steps that run on verified inputs and leave signed provenance, and evaluations."""
