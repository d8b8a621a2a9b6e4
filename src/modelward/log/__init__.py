"""The transparency log: RFC 6962 tree, tlog-tiles, signed checkpoints."""
