"""The command line: one file per verb group."""

from __future__ import annotations

from modelward.cli.app import main

__all__ = ["main"]
