"""Plain text: a row a line, in the column `text`. Empty lines are rows; line ends (LF, CRLF) are not text."""

from __future__ import annotations

from collections.abc import Generator, Mapping

from modelward.data.cells import Value
from modelward.data.readers.shard import BATCH_BYTES, BATCH_ROWS, Batch, OpenShard
from modelward.data.shape import TEXT

COLUMN = "text"


def read(shard: OpenShard, types: Mapping[str, str]) -> Generator[Batch, None, None]:
    """Read a shard. Raises InputError naming the line."""
    texts: list[Value] = []
    size = 0
    for number, line in enumerate(shard.lines(), 1):
        try:
            texts.append(line.decode().removesuffix("\n").removesuffix("\r"))
        except UnicodeDecodeError:
            raise shard.bad(f"line {number}", "not UTF-8 text", "re-encode the file as UTF-8") from None
        size += len(line)
        if len(texts) == BATCH_ROWS or size > BATCH_BYTES:
            yield _batch(texts)
            texts, size = [], 0
    yield _batch(texts)


def _batch(texts: list[Value]) -> Batch:
    return Batch({COLUMN: texts}, len(texts), {COLUMN: TEXT})
