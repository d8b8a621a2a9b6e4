"""A dataset in the formats of others: written from snapshots and custody, read as declared."""
