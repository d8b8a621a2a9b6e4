"""JSON: one array of objects, read object by object, as strictly as JSON Lines and in as little memory."""

from __future__ import annotations

import codecs
import json
from collections.abc import Generator, Iterator, Mapping
from typing import Any

from modelward.core.errors import InputError, LimitExceeded, ModelwardError
from modelward.data.cells import Value
from modelward.data.readers import json_rows
from modelward.data.readers import shard as bounds
from modelward.data.readers.shard import BATCH_BYTES, BATCH_ROWS, Batch, OpenShard
from modelward.data.shape import MAX_FIELDS

_PIECE = 1 << 20
_SPACE = " \t\r\n"


def read(shard: OpenShard, types: Mapping[str, str]) -> Generator[Batch, None, None]:
    """Read a shard. Raises InputError naming the row."""
    batch: list[dict[str, Value]] = []
    size = 0
    for row, written in objects(shard):
        batch.append(row)
        size += len(written)
        if len(batch) == BATCH_ROWS or size > BATCH_BYTES:
            yield json_rows.batch(batch)
            batch, size = [], 0
    yield json_rows.batch(batch)


def objects(shard: OpenShard) -> Iterator[tuple[dict[str, Value], str]]:
    """Each row, and how it is written in the array. Raises InputError naming the row."""
    text = _Text(shard)
    _open(shard, text)
    decode = json_rows.decoder().raw_decode
    mark = text.peek("the array ends too soon")
    while mark != "]":
        yield _object(shard, text, decode)
        text.row += 1
        mark = text.peek("the array is cut off")
        if mark == ",":
            text.skip()
            mark = text.peek("the array is cut off")
            if mark == "]":
                raise text.bad("a comma before the end of the array", "remove it")
        elif mark != "]":
            raise text.bad(f"{mark!r} where a comma or the end of the array should be")
    text.skip()
    if text.peek() is not None:
        raise text.bad("something stands after the array", "write one array of objects")


def _open(shard: OpenShard, text: _Text) -> None:
    """Step into the array."""
    first = text.peek("the file is empty")
    if first == "{":
        raise shard.bad(
            "start",
            "the file is one object, not an array of rows",
            "write an array of objects, or an object a line as .jsonl; an object of columns is not read",
        )
    if first != "[":
        raise shard.bad("start", "the file is not a JSON array", "write an array of objects")
    text.skip()


def _object(shard: OpenShard, text: _Text, decode: Any) -> tuple[dict[str, Value], str]:
    if text.peek("the array is cut off") != "{":
        raise text.bad("the row is not an object", "write an object with named columns")
    while True:
        try:
            row, end = decode(text.held, text.at)
        except RecursionError:
            raise LimitExceeded("the row nests too deep", where=text.place()) from None
        except json.JSONDecodeError as error:  # broken, or not yet all there
            if text.fill():
                continue
            raise text.bad(f"not valid JSON: {error.msg}") from None
        except ValueError as error:
            raise text.bad(f"not valid JSON: {json_rows.reason(error)}") from None
        break
    if end - text.at > bounds.MAX_ROW_BYTES:
        raise shard.too_large(f"row {text.row}")
    if len(row) > MAX_FIELDS:
        raise LimitExceeded(f"over {MAX_FIELDS} columns", where=text.place())
    return row, text.take(end)


class _Text:
    """A window on the text of a shard: what is held begins where the last row ended."""

    def __init__(self, shard: OpenShard) -> None:
        self._shard = shard
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._ended = False
        self.held = ""
        self.at = 0
        self.row = 1

    def fill(self) -> bool:
        """Hold twice as much, at least; False at the end of the file. Raises InputError, LimitExceeded."""
        if self._ended:
            return False
        rest = len(self.held) - self.at
        if rest > bounds.MAX_ROW_BYTES:
            raise self._shard.too_large(f"row {self.row}")
        try:
            piece = self._shard.stream.read(max(_PIECE, rest))
            more = self._decoder.decode(piece, not piece)
        except UnicodeDecodeError:
            raise self.bad("not UTF-8 text", "re-encode the file as UTF-8") from None
        except ModelwardError as error:
            raise self._shard.located(error, f"row {self.row}") from None
        self.held = self.held[self.at :] + more
        self.at = 0
        self._ended = not piece
        return not self._ended

    def peek(self, missing: str | None = None) -> str | None:
        """The next character that is no space; at the end, None, or InputError if something is `missing`."""
        while True:
            while self.at < len(self.held):
                if self.held[self.at] not in _SPACE:
                    return self.held[self.at]
                self.at += 1
            if not self.fill():
                if missing is None:
                    return None
                raise self.bad(missing)

    def skip(self) -> None:
        """Step over one character."""
        self.at += 1

    def take(self, end: int) -> str:
        """Step to `end`, over what is given."""
        taken, self.at = self.held[self.at : end], end
        return taken

    def place(self) -> str:
        """Where the row at hand is."""
        return f"{self._shard.name}: row {self.row}"

    def bad(self, message: str, help: str | None = None) -> InputError:
        """An error in the row at hand."""
        return self._shard.bad(f"row {self.row}", message, help)
