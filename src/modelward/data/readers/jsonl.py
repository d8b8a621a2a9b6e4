"""JSON Lines, read strictly: UTF-8, an object a line, no key twice, no NaN, numbers in range.

Blank lines are no rows. A key that is missing is null.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping

from modelward.core.errors import LimitExceeded
from modelward.data.cells import Value
from modelward.data.readers import json_rows
from modelward.data.readers.shard import BATCH_BYTES, BATCH_ROWS, Batch, OpenShard
from modelward.data.shape import MAX_FIELDS


def read(shard: OpenShard, types: Mapping[str, str]) -> Generator[Batch, None, None]:
    """Read a shard. Raises InputError naming the line."""
    decode = json_rows.decode
    batch: list[dict[str, Value]] = []
    size = 0
    for number, line in enumerate(shard.lines(), 1):
        try:
            row = decode(line)
        except UnicodeDecodeError:
            raise shard.bad(f"line {number}", "not UTF-8 text", "re-encode the file as UTF-8") from None
        except RecursionError:
            raise LimitExceeded("the row nests too deep", where=f"{shard.name}: line {number}") from None
        except ValueError as error:
            if not line.strip(b" \t\r\n"):
                continue
            whole = "; a file that is one JSON array ends in .json" if line.startswith(b"[") else ""
            help = f"write one object a line, strictly as JSON has it{whole}"
            raise shard.bad(f"line {number}", f"not valid JSON: {json_rows.reason(error)}", help) from None
        if type(row) is not dict:
            raise shard.bad(
                f"line {number}", "the line is not an object", "write an object with named columns"
            )
        if len(row) > MAX_FIELDS:
            raise LimitExceeded(f"over {MAX_FIELDS} columns", where=f"{shard.name}: line {number}")
        batch.append(row)
        size += len(line)
        if len(batch) == BATCH_ROWS or size > BATCH_BYTES:
            yield json_rows.batch(batch)
            batch, size = [], 0
    yield json_rows.batch(batch)
