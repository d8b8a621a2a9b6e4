"""Files and trees by digest: manifests, hashing, the content-addressed store."""
