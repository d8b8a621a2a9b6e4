"""Rows as JSON objects: how strictly one is parsed, and how several become a batch."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, NoReturn

import msgspec

from modelward.data.cells import Value
from modelward.data.readers.shard import Batch


def decoder() -> json.JSONDecoder:
    """A decoder that raises ValueError for a key that is there twice, NaN, and numbers out of range."""
    return json.JSONDecoder(object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_finite)


def reason(error: ValueError) -> str:
    """What is wrong with the JSON, without what it takes for advice."""
    return str(error).partition("; use sys.")[0]


def decode(line: bytes) -> Any:
    """The JSON value of a line of UTF-8, as `decoder` has it.

    Raises ValueError (UnicodeDecodeError among them), RecursionError.
    """
    try:
        value = _quick(line)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _strict(line.decode().strip(" \t\r\n"))
    # msgspec keeps the last of several equal keys. What is lost is missed when the value is written again:
    # every key has its colon, and text keeps those that it holds, unless they were escaped.
    if line.count(b":") != _again(value).count(b":") or b"\\u003" in line:
        return _strict(line.decode().strip(" \t\r\n"))
    return value


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


_quick = msgspec.json.Decoder().decode
_again = msgspec.json.Encoder().encode
_strict = decoder().decode
