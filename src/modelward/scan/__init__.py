"""Examining artifacts: engine, rules, verdict."""
