"""JSON read strictly and written canonically.

Reading refuses what two parsers may read differently: duplicate keys, NaN and infinities, lone
surrogates, a byte order mark, and anything past the bounds on size and depth. Writing gives one form only
(sorted keys, no spaces, UTF-8), so equal values have equal bytes.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from modelward.core.errors import InputError, LimitExceeded
from modelward.core.regex import regex

MAX_BYTES = 64 << 20
MAX_DEPTH = 64

#: Possessive, so that a hostile string costs neither memory nor backtracking.
_STRING = regex(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))


def loads(data: bytes, *, what: str = "JSON", max_bytes: int = MAX_BYTES) -> Any:
    """Parse UTF-8 JSON strictly. `what` names the input in errors.

    Raises InputError (LimitExceeded past `max_bytes` or MAX_DEPTH).
    """
    if len(data) > max_bytes:
        raise LimitExceeded(f"{what} is over {max_bytes} bytes")
    if _nesting(data) > MAX_DEPTH:
        raise LimitExceeded(f"{what} nests deeper than {MAX_DEPTH} levels")
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
        if b"\\u" in data:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeError as error:
        raise InputError(f"{what} is not UTF-8 text", help="re-encode it as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{what} is not valid JSON: {error}") from error
    return value


def dumps(value: Any) -> bytes:
    """Write the one canonical form of a JSON value."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode("utf-8")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"duplicate key {key!r}")
            seen.add(key)
    return result


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"number out of range: {text}")
    return number


def _nesting(data: bytes) -> int:
    """The nesting depth of well-formed JSON; of anything else, some number."""
    if data.count(b"{") + data.count(b"[") <= MAX_DEPTH:
        return 0
    deepest = depth = 0
    for bracket in _STRING.sub(b"", data).translate(None, delete=_NOT_BRACKETS):
        if bracket in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    return deepest
