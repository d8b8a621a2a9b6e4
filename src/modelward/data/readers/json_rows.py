"""Rows as JSON objects: how strictly one is parsed, and how several become a batch."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, NoReturn

from modelward.data.cells import Value
from modelward.data.readers.shard import Batch


def decoder() -> json.JSONDecoder:
    """A decoder that raises ValueError for a key that is there twice, NaN, and numbers out of range."""
    return json.JSONDecoder(object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_finite)


def batch(rows: Sequence[dict[str, Value]]) -> Batch:
    """The rows by column; a key that is missing is null."""
    names = dict.fromkeys(name for row in rows for name in row)
    return Batch({name: [row.get(name) for row in rows] for name in names}, len(rows))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in result if names.count(name) > 1)
        raise ValueError(f"key {twice!r} is there twice")
    return result


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number; write null")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"number out of range: {text[:40]}")
    return number
