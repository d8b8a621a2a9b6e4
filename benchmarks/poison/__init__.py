"""What benchmarks/poison/run.py measures with: clean sets, attacks, and the other detectors."""
