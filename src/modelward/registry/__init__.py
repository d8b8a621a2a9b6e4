"""Models, versions, stages, releases: a projection of the log."""
