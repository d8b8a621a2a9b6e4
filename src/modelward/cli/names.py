"""Names on the command line: MODEL@VERSION and MODEL:STAGE."""

from __future__ import annotations

from modelward.cli.home import checked_name
from modelward.core.errors import UsageError


def parse_version(text: str) -> tuple[str, int | None]:
    """`fraud@7` -> ("fraud", 7); `fraud` -> ("fraud", None), the newest. Raises UsageError."""
    model, at, number = text.partition("@")
    if at and not (number.isascii() and number.isdigit() and 0 < int(number) < 10**9):
        raise UsageError(f"not a version: {text!r}", help="write it as MODEL@NUMBER")
    return checked_name(model), int(number) if at else None


def parse_place(text: str) -> tuple[str, str]:
    """`fraud:production` -> ("fraud", "production"). Raises UsageError."""
    model, colon, stage = text.partition(":")
    if not colon:
        raise UsageError(f"not a stage: {text!r}", help="write it as MODEL:STAGE")
    return checked_name(model), checked_name(stage)
