"""The journal of a batch that is still open: rows as they come, in groups that are durable or not there.

A file of lines: a header, then groups. A group is a mark, its rows, a line each, and a commit line with the
number of rows so far and the SHA-256 of its rows. It is written at once, made durable, and only then
acknowledged; the next group is written only after that. So after a crash everything up to the last whole
group stands, what follows it was not acknowledged, and a broken group *before* a whole one is damage, never
a torn write.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from modelward.core import atomic
from modelward.core.errors import InputError, LimitExceeded

_HEADER = b"#modelward-capture/1 %d\n"
_BEGIN = b"#\n"
_COMMIT = b"#%d %s\n"
_COMMITTED = re.compile(rb"^#\d+ [0-9a-f]{64}\n", re.MULTILINE)
#: Bytes of what is cut off that are kept.
MAX_KEPT = 256 << 20
#: A line longer than this was not written by us: a row is at most 16 MiB.
MAX_LINE = 17 << 20


class Healed(NamedTuple):
    """What was found in a journal: its rows, how far it is whole, and the bytes behind that."""

    rows: int
    size: int
    torn: int


class Journal:
    """A journal, open for writing. One thread at a time."""

    def __init__(self, path: Path, batch: int) -> None:
        """Open a journal, or begin one, durably. What a torn write left at its end is cut off.

        Raises InputError if it is damaged, or the journal of another batch; OSError.
        """
        self.path, self.batch = path, batch
        header = _HEADER % batch
        if not path.exists():
            atomic.write_bytes(path, header, mode=0o600)
        self.healed = heal(path, batch)
        self.rows, self.size = self.healed.rows, self.healed.size
        self._file: BinaryIO = path.open("r+b", buffering=0)
        if self.healed.torn:
            self._cut()

    def _cut(self) -> None:
        """Cut off what follows the last whole group.

        A killed process leaves no commit line there; where there is one, the disk lost or changed something,
        so the bytes are kept beside the journal for somebody to look at.
        """
        self._file.seek(self.size)
        tail = self._file.read(MAX_KEPT)
        if _COMMITTED.search(tail):
            atomic.write_bytes(self.path.with_suffix(f".{self.size}.damaged"), tail, mode=0o600)
        self._file.truncate(self.size)
        os.fsync(self._file.fileno())

    def append(self, rows: Sequence[bytes]) -> None:
        """Add rows, each a line without its end. When this returns they are durable. Raises OSError.

        After an error nothing is known of the end of the file: close the journal and open it again.
        """
        body = b"\n".join(rows) + b"\n"
        count = self.rows + len(rows)
        data = _BEGIN + body + _COMMIT % (count, hashlib.sha256(body).hexdigest().encode())
        written, view = 0, memoryview(data)
        while written < len(data):
            written += os.pwrite(self._file.fileno(), view[written:], self.size + written)
        os.fdatasync(self._file.fileno())
        self.rows, self.size = count, self.size + len(data)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def rows(path: Path, batch: int) -> Iterator[bytes]:
    """The acknowledged rows of a journal, in order, as lines with their end. Raises InputError."""
    size = heal(path, batch).size
    with path.open("rb") as file:
        while file.tell() < size:
            line = file.readline()
            if line.startswith(b"{"):
                yield line


def heal(path: Path, batch: int) -> Healed:
    """How far a journal is whole. Raises InputError if rows that were acknowledged are damaged."""
    count = good = 0
    broken = False
    with path.open("rb") as file:
        header = file.readline(64)
        if header != _HEADER % batch:
            raise InputError(f"not the journal of batch {batch}", where=str(path))
        good = len(header)
        group, lines = hashlib.sha256(), 0
        while line := file.readline(MAX_LINE + 1):
            if len(line) > MAX_LINE:
                raise LimitExceeded(f"a line is over {MAX_LINE} bytes", where=str(path))
            if line.startswith(b"{"):
                group.update(line)
                lines += 1
                continue
            if line == _BEGIN and not lines:
                continue
            if _is_commit(line, group.hexdigest(), lines, None if broken else count):
                if broken:
                    raise _damaged(path, count)
                count, good = count + lines, file.tell()
            else:
                broken = True
            group, lines = hashlib.sha256(), 0
        end = file.tell()
    return Healed(count, good, end - good)


def _is_commit(line: bytes, digest: str, rows: int, before: int | None) -> bool:
    """Whether a line commits the group of this digest; `before` rows came earlier, where that is known."""
    total, blank, said = line[1:].removesuffix(b"\n").partition(b" ")
    whole = line.startswith(b"#") and line.endswith(b"\n")
    if not (whole and blank and rows and said.decode("latin-1") == digest and total.isdigit()):
        return False
    return before is None or int(total[:20]) == before + rows


def _damaged(path: Path, count: int) -> InputError:
    return InputError(
        f"rows that were acknowledged are damaged, after row {count}",
        where=str(path),
        help="restore the file from a backup; nothing in it was changed",
    )
