"""JSON as the loaders of models parse it: NaN and infinities, any depth that Python parses, fields given
twice.

What decides uses `core.strict_json`; this is for examining what others will load.
"""

from __future__ import annotations

import json
from typing import Any

from modelward.core.errors import InputError, LimitExceeded

MAX_BYTES = 64 << 20


def loads(data: bytes) -> tuple[Any, list[str]]:
    """A document, and the names that objects in it give twice.

    A loader takes the last of two fields; here the others are kept too, as `name (1)`, so that all are
    examined. Raises InputError, LimitExceeded past MAX_BYTES.
    """
    if len(data) > MAX_BYTES:
        raise LimitExceeded(f"it is over {MAX_BYTES >> 20} MiB of JSON")
    twice: dict[str, None] = {}

    def fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            seen: dict[str, Any] = {}
            for number, (key, value) in enumerate(pairs):
                if key in seen:
                    twice[key] = None
                    found[f"{key} ({number})"] = seen[key]
                seen[key] = value
        return found

    try:
        return json.loads(data, object_pairs_hook=fields), list(twice)
    except (ValueError, RecursionError) as error:
        raise InputError(f"it is not valid JSON: {error}") from None
