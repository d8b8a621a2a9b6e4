"""Values as text, for people and for the labels of an index. Never hashed, never compared."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from modelward.data.cells import Pairs, Temporal, Value

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def shown(value: Value) -> str:
    """A value as text: text as it is, times as RFC 3339, the rest as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, Temporal):
        return _time(value)
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Value) -> object:
    if isinstance(value, Temporal):
        return _time(value)
    if isinstance(value, Pairs):
        return [[_plain(key), _plain(inner)] for key, inner in value.items]
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.hex() if isinstance(value, bytes) else str(value)


def _time(value: Temporal) -> str:
    """RFC 3339 where the calendar has it; whole microseconds, since this is only to be looked at."""
    try:
        if value.tag == b"D":
            return (_EPOCH + timedelta(days=value.number)).date().isoformat()
        moment = _EPOCH + timedelta(microseconds=value.number // 1000)
    except OverflowError:
        return str(value.number)
    if value.tag == b"Z":
        return moment.isoformat().replace("+00:00", "Z")
    if value.tag == b"T":
        return moment.replace(tzinfo=None).isoformat()
    return moment.time().isoformat() if value.tag == b"t" else f"{value.number}ns"
