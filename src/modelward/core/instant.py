"""Points in time: UTC, written as RFC 3339 with whole seconds and `Z`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from modelward.core.errors import InputError
from modelward.core.regex import regex

PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$(?!\n)"
_MOMENT = regex(PATTERN)
_DURATION = regex(r"([0-9]{1,6})([smhdw])")
#: Longer ones would leave the calendar.
_LONGEST = timedelta(days=365_000)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def now() -> datetime:
    """The clock, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def parse(text: str) -> datetime:
    """Read `2026-11-22T09:14:00Z`. Raises InputError."""
    try:
        # fromisoformat takes more forms, and in newer versions of Python midnight as hour 24.
        if not _MOMENT.fullmatch(text) or text[11:13] == "24":
            raise ValueError
        return datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"not a UTC time: {text!r}", help="write it as 2026-11-22T09:14:00Z") from None


def render(moment: datetime) -> str:
    """Write a moment as RFC 3339 in UTC. Naive times are refused."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_duration(text: str) -> timedelta:
    """Read `90d`, `24h`, `15m`, `30s` or `2w`: a second to 365,000 days. Raises InputError."""
    match = _DURATION.fullmatch(text)
    if not match:
        raise InputError(f"not a duration: {text!r}", help="write it as 90d, 24h, 15m or 30s")
    duration = timedelta(seconds=int(match[1]) * _UNITS[match[2]])
    if not timedelta(0) < duration <= _LONGEST:
        raise InputError(f"too {'long' if duration else 'short'} a duration: {text}")
    return duration
