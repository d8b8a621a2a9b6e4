"""Collecting rows as they come: feedback, transcripts. Stamped, durable before they are acknowledged, sealed.

`Capture` is a directory that one process at a time appends to, from any number of threads:

- `add` stamps rows with who gave them, by what way, and when. The caller authenticates; a row cannot say it.
- It returns when they are durable. Rows of several threads share one write and one `fdatasync`.
- A batch ends after so many rows or bytes, or at an age. `seal` makes of each ended batch an unchangeable
  shard, a snapshot with custody, signed by the ledger, and the proof that the whole goes on from before.

A killed process loses nothing that `add` returned for; what it left half done is finished at the next start.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from modelward.core import atomic, strict_json
from modelward.core.errors import Conflict, InputError, UsageError
from modelward.data.capture import journal, stamps
from modelward.data.capture.batches import Batch, Batches
from modelward.data.capture.journal import Journal
from modelward.data.capture.stamps import Stamp
from modelward.data.declaration import Declaration
from modelward.data.ledger import Ledger, Unsigned
from modelward.data.readers import json_rows

__all__ = ["Batch", "Capture", "Limits", "Stamp"]

FORMAT = "modelward-capture/1"
_STAMPS = (stamps.CONTRIBUTOR, stamps.SOURCE, stamps.TIME)


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a batch ends: at so many rows or bytes, or so many seconds after its first row."""

    rows: int = 100_000
    bytes: int = 64 << 20
    age: int = 3600

    def __post_init__(self) -> None:
        if not (1 <= self.rows <= 1_000_000 and 1 <= self.bytes <= 1 << 30 and self.age >= 1):
            raise UsageError(
                "a batch ends at 1 to 1,000,000 rows, 1 byte to 1 GiB, and an age of a second or more"
            )


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a capture was begun with: the dataset's name, what is declared of it, its columns, its limits."""

    name: str
    declaration: Declaration
    columns: dict[str, str] = {}
    limits: Limits = Limits()
    format: str = FORMAT


class Capture:
    """A directory that rows are appended to. Any number of threads; one process at a time."""

    def __init__(
        self, directory: Path, settings: Settings | None = None, ledger: Ledger | None = None
    ) -> None:
        """Open a capture, or begin one with `settings`.

        What a killed process left is put in order: a torn write is cut off, a sealing is finished at the next
        `seal`. Raises Conflict if another process has it open, or it was begun otherwise; InputError if it is
        damaged, UsageError for a new one without settings.
        """
        self._directory, self._ledger = directory, ledger or Unsigned()
        self._journals = directory / "journal"
        if settings is None and not (directory / "capture.json").exists():
            raise UsageError(
                "there is no capture", where=str(directory), help="begin one: give it a name and a source"
            )
        try:
            atomic.make_directories(self._journals)
            self._lock_file = _locked(directory)
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", where=str(directory)) from None
        try:
            self.settings = _settings(directory, settings)
            self._batches = Batches(directory, self.settings.name, self.settings.declaration)
            self._kinds = stamps.Kinds(self.settings.columns)
            self._kinds.restore(self._batches.last.columns if self._batches.last else [])
            self._ended: dict[int, list[Any]] = {}
            self._waiting = self._batches.last.whole.rows if self._batches.last else 0
            self._journal = self._recovered()
        except BaseException:
            self._lock_file.close()
            raise
        self._changed = threading.Condition()
        self._sealing = threading.Lock()
        self._pending: list[bytes] = []
        self._taken = self._durable = self._waiting + self._journal.rows
        self._writing = False
        self._failure: InputError | None = None
        self._began = time.monotonic()
        self._last_time = ""

    def _recovered(self) -> Journal:
        """The open journal. Those that ended before it wait to be sealed; those that were sealed go."""
        for leftover in [*self._journals.glob(".*"), *self._journals.glob("*.rows")]:
            leftover.unlink()
        sealed = len(self._batches.receipts)
        found = sorted(int(path.stem) for path in self._journals.glob("*.journal") if path.stem.isdecimal())
        for number in found:
            if number <= sealed:
                self._path(number).unlink()
        waiting = [number for number in found if number > sealed]
        if waiting != list(range(sealed + 1, sealed + 1 + len(waiting))):
            raise InputError(
                "a journal is missing", where=str(self._journals), help="restore it from a backup"
            )
        for number in waiting:
            for line in journal.rows(self._path(number), number):
                row = json_rows.decode(line)
                self._kinds.add([{name: value for name, value in row.items() if name not in _STAMPS}])
                self._waiting += number != waiting[-1]
            if number != waiting[-1]:
                self._ended[number] = self._kinds.plain()
        number = waiting[-1] if waiting else sealed + 1
        return Journal(self._path(number), number)

    def _path(self, number: int) -> Path:
        return self._journals / f"{number:08}.journal"

    # --- adding -------------------------------------------------------------------------------------------

    def add(self, rows: Sequence[Mapping[str, Any]], stamp: Stamp) -> int:
        """Append rows of one contributor: see `extend`."""
        return self.extend([(row, stamp) for row in rows])

    def extend(self, rows: Sequence[tuple[Mapping[str, Any], Stamp]]) -> int:
        """Append rows with a stamp each, all or none; returns when they are durable: how many rows there are.

        Raises InputError, naming the row from 1, for one that is no JSON object, sets a stamp, or holds
        another kind of value than its column; and when the disk fails: then nothing is known of these rows,
        and the capture takes no more until it is opened again.
        """
        heads: dict[Stamp, bytes] = {}
        checked = []
        for number, (row, stamp) in enumerate(rows, 1):
            if stamp not in heads:
                heads[stamp] = stamps.encoded(stamp)
            checked.append((_checked(row, number), heads[stamp]))
        with self._changed:
            self._require_open()
            self._kinds.add([row for row, _ in rows])
            now = self._last_time = max(self._last_time, stamps.moment())  # a clock may be set back
            self._pending += [stamps.stamped(row, head, now) for row, head in checked]
            self._taken += len(checked)
            mine = self._taken
            while self._durable < mine and self._failure is None:
                if self._writing:
                    self._changed.wait()
                else:
                    self._commit()
            if self._durable < mine:
                self._require_open()
            return mine

    def _commit(self) -> None:
        """Write what is pending, for all who wait. Called holding the lock, which is let go meanwhile."""
        group, self._pending, upto = self._pending, [], self._taken
        if not self._journal.rows:
            self._began = time.monotonic()
        self._writing = True
        self._changed.release()
        reason = "interrupted"
        try:
            self._journal.append(group)
            reason = ""
        except OSError as error:
            reason = error.strerror or "the disk failed"
        finally:
            self._changed.acquire()
            self._writing = False
            self._changed.notify_all()
            if reason:
                self._failure = InputError(
                    f"the rows cannot be made durable: {reason}",
                    where=str(self._journal.path),
                    help="make room or mend the disk, then start again: what was acknowledged is kept",
                )
        if reason:
            return
        self._durable = upto
        limits = self.settings.limits
        if self._journal.rows >= limits.rows or self._journal.size >= limits.bytes:
            self._end_batch()

    def check_open(self) -> None:
        """Raise what ended the taking of rows, if something did."""
        with self._changed:
            self._require_open()

    def _require_open(self) -> None:
        if self._failure is not None:
            raise self._failure

    # --- sealing ------------------------------------------------------------------------------------------

    @property
    def open_rows(self) -> int:
        """The rows of the batch that is still open."""
        return self._journal.rows

    @property
    def sealed(self) -> tuple[Batch, ...]:
        """The sealed batches, oldest first."""
        return tuple(self._batches.batch(receipt) for receipt in self._batches.receipts)

    def seal(self, *, everything: bool = False) -> list[Batch]:
        """Seal the batches that ended, also by age; with `everything` the open one too. Returns those sealed.

        Rows can be added meanwhile. Raises InputError, or what the ledger raises: the batch stays as it is,
        and the next call does it again.
        """
        with self._changed:
            while self._writing:
                self._changed.wait()
            aged = time.monotonic() - self._began >= self.settings.limits.age
            if self._journal.rows and (everything or aged) and self._failure is None:
                self._end_batch()
        done = []
        with self._sealing:
            for number in sorted(self._ended):
                done.append(
                    self._batches.batch(
                        self._batches.seal(self._path(number), self._ended[number], self._ledger)
                    )
                )
                self._path(number).unlink()
                del self._ended[number]
        return done

    def audit(self) -> None:
        """Read all sealed batches again. Raises Rejected, naming the first that is not what was sealed."""
        self._batches.audit()

    def _end_batch(self) -> None:
        """Begin the next journal; this one waits to be sealed. Called holding the lock, nobody writing."""
        number = self._journal.batch
        try:
            following = Journal(self._path(number + 1), number + 1)
        except OSError as error:
            self._failure = InputError(f"no new batch can begin: {error.strerror}", where=str(self._journals))
            return
        self._journal.close()
        self._ended[number] = self._kinds.plain()
        self._journal = following
        self._began = time.monotonic()

    def close(self) -> None:
        """Let go of the directory. The open batch stays open."""
        with self._changed:
            while self._writing:
                self._changed.wait()
            self._failure = self._failure or InputError("the capture is closed", where=str(self._directory))
        with self._sealing:
            self._journal.close()
            self._lock_file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _checked(row: Any, number: int) -> bytes:
    try:
        return stamps.check_row(row)
    except InputError as error:
        raise type(error)(error.message, where=f"row {number}", help=error.help) from None


def _locked(directory: Path) -> Any:
    """The lock of a directory, held. Raises Conflict if another process holds it."""
    stream = os.fdopen(os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "rb")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.close()
        raise Conflict(
            "another process collects here", where=str(directory), help="send your rows to it, or stop it"
        ) from None
    return stream


def _settings(directory: Path, wanted: Settings | None) -> Settings:
    """The settings that a capture was begun with; written, durably, if it begins now."""
    path = directory / "capture.json"
    if wanted is not None:
        for name, kind in wanted.columns.items():
            if kind not in stamps.TYPES and kind != stamps.ANY:
                types = ", ".join((*stamps.TYPES, stamps.ANY))
                raise UsageError(f"unknown type {kind!r} of column {name!r}", help=f"use one of {types}")
            if name.startswith("_"):
                raise UsageError(f"column {name!r} would be a stamp", help="give it another name")
        wanted.declaration.fields()
        if wanted.declaration.source is None:
            raise UsageError("a capture says nothing without a source", help="declare it: Source(uri=...)")
    if not path.exists():
        if wanted is None:
            raise UsageError("there is no capture", where=str(directory))
        atomic.write_bytes(path, strict_json.dumps(msgspec.to_builtins(wanted)))
        return wanted
    try:
        found = msgspec.convert(strict_json.loads(path.read_bytes(), what=str(path)), Settings)
    except (msgspec.ValidationError, OSError) as error:
        raise InputError(f"the settings are damaged: {error}", where=str(path)) from None
    if found.format != FORMAT:
        raise InputError(f"a capture of format {found.format[:40]!r}", where=str(path))
    if wanted is not None and wanted != found:
        raise Conflict(
            "the capture was begun with another name, source, columns, limits or declaration",
            where=str(path),
            help="leave these options out, or begin another capture",
        )
    return found
