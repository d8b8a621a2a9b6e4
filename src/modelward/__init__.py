"""Supply-chain security for AI models, from training data to deployment."""

__version__ = "0.1.0"
