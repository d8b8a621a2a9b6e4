"""What a serving host needs: verify a release, load verified bytes."""
