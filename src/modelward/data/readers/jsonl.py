"""JSON Lines, read strictly: UTF-8, an object a line, no key twice, no NaN, numbers in range.

Blank lines are no rows. A key that is missing is null.
"""

from __future__ import annotations

import json
import math
from collections.abc import Generator, Mapping
from typing import Any, NoReturn

from modelward.core.errors import LimitExceeded
from modelward.data.cells import Value
from modelward.data.readers.shard import BATCH_BYTES, BATCH_ROWS, Batch, OpenShard
from modelward.data.shape import MAX_FIELDS


def read(shard: OpenShard, types: Mapping[str, str]) -> Generator[Batch, None, None]:
    """Read a shard. Raises InputError naming the line."""
    decode = json.JSONDecoder(
        object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_finite
    ).decode
    batch: list[dict[str, Value]] = []
    size = 0
    for number, line in enumerate(shard.lines(), 1):
        try:
            text = line.decode().strip(" \t\r\n")
            if not text:
                continue
            row = decode(text)
        except UnicodeDecodeError:
            raise shard.bad(f"line {number}", "not UTF-8 text", "re-encode the file as UTF-8") from None
        except RecursionError:
            raise LimitExceeded("the row nests too deep", where=f"{shard.name}: line {number}") from None
        except ValueError as error:
            whole = "; this may be one JSON array" if text.startswith("[") else ""
            help = f"write one object a line, strictly as JSON has it{whole}"
            raise shard.bad(f"line {number}", f"not valid JSON: {error}", help) from None
        if type(row) is not dict:
            raise shard.bad(
                f"line {number}", "the line is not an object", "write an object with named columns"
            )
        if len(row) > MAX_FIELDS:
            raise LimitExceeded(f"over {MAX_FIELDS} columns", where=f"{shard.name}: line {number}")
        batch.append(row)
        size += len(line)
        if len(batch) == BATCH_ROWS or size > BATCH_BYTES:
            yield _batch(batch)
            batch, size = [], 0
    yield _batch(batch)


def _batch(rows: list[dict[str, Value]]) -> Batch:
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
