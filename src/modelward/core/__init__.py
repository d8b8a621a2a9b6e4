"""What every layer shares: digests, errors, findings, strict JSON, time."""
