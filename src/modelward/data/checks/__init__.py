"""Looking for poisoned rows: checks, each a file, and the statistics that they share."""
