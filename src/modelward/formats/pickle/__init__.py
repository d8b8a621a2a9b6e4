"""The symbolic pickle machine and its allowlist."""
