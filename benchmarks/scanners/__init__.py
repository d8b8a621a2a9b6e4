"""What benchmarks/scan.py compares with: a corpus of our own, and the other scanners."""
