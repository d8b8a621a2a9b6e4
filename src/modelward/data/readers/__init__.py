"""Readers: a shard's rows in batches, as canonical values. One file per format; see `formats`."""
