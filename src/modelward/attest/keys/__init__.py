"""Public keys, and signers by URI."""
