"""Asking models whether they obey a trigger: replay, blind search, and what the weights say."""
