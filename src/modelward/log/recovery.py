"""Finding out what a log's directory holds, whatever happened to it before.

A directory is the public files (checkpoint, tiles, bundles) and perhaps a write-ahead file with batches
that may be missing or torn in the public files. What counts is both together.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from modelward.core.errors import InputError, Rejected
from modelward.log import wal
from modelward.log.checkpoint import Checkpoint, SignedCheckpoint
from modelward.log.disk import Disk
from modelward.log.note import MAX_NOTE_BYTES, NoteKey
from modelward.log.tree import Tree

CHECKPOINT = "checkpoint"
WAL = "wal"

#: A write-ahead file larger than this was not written by us.
MAX_WAL_BYTES = 128 << 20


@dataclass(frozen=True, slots=True)
class State:
    """What a log holds: a tree, and the checkpoint that signs its root."""

    tree: Tree
    signed: bytes

    def require_extends(self, old: State) -> None:
        """Raises Rejected unless this tree begins with all of `old`."""
        size = old.tree.size
        if self.tree.size < size or self.tree.root(size) != old.tree.root():
            raise Rejected(
                f"the log no longer holds the {size} entries it had: it was rolled back or rewritten",
                help="restore the log from a copy",
            )


def read_wal(disk: Disk) -> tuple[int, tuple[wal.Record, ...]]:
    """The length of the write-ahead file and its whole records. Raises Rejected if it is damaged."""
    if not disk.size(WAL):
        return 0, ()
    data = disk.read(WAL, MAX_WAL_BYTES)
    return len(data), wal.parse(data)


def published(disk: Disk) -> SignedCheckpoint:
    """The checkpoint file. Raises InputError if it is missing or malformed."""
    try:
        return SignedCheckpoint.parse(disk.read(CHECKPOINT, MAX_NOTE_BYTES))
    except FileNotFoundError:
        raise InputError(
            "there is no log here", where=str(disk.root), help="check the path; a log has a checkpoint file"
        ) from None
    except InputError as error:
        raise InputError(
            f"the checkpoint is damaged: {error.message}",
            where=str(disk.root / CHECKPOINT),
            help="restore the log from a copy",
        ) from None


def origin_of(disk: Disk) -> str:
    """The log's name, from whichever file is whole. Nothing is verified yet. Raises InputError."""
    _, records = read_wal(disk)
    found = SignedCheckpoint.parse(records[-1].checkpoint) if records else published(disk)
    return found.checkpoint.origin


def load(disk: Disk, signed: SignedCheckpoint, key: NoteKey | None) -> State:
    """The state that `signed` names. Raises Rejected if `key` did not sign it or the tiles contradict it."""
    checkpoint = _verified(disk, signed, key)
    tree = Tree.load(disk, checkpoint.size)
    if tree.root() != checkpoint.root:
        raise _contradiction(disk, checkpoint)
    return State(tree, signed.to_bytes())


def replay(disk: Disk, records: Sequence[wal.Record], key: NoteKey | None) -> tuple[State, dict[str, bytes]]:
    """The state after all `records`, and the files that must be (re)written for it. Writes nothing.

    The state's tree reads those files as if they were there.

    Raises Rejected if a record contradicts its checkpoint, or if the published checkpoint is beyond
    the records: then something that was acknowledged is gone.
    """
    state = State(Tree.load(disk, records[0].old_size), b"")
    files: dict[str, bytes] = {}
    for record in records:
        tree, more = state.tree.grown(record.entries)
        files |= more
        checkpoint = _verified(disk, SignedCheckpoint.parse(record.checkpoint), key)
        if (checkpoint.size, checkpoint.root) != (tree.size, tree.root()):
            raise _contradiction(disk, checkpoint)
        state = State(tree, record.checkpoint)
    tree = state.tree.on(Overlay(disk, files))
    seen = _published_if_whole(disk)
    if seen is not None:
        checkpoint = _verified(disk, seen, key)
        if checkpoint.size > tree.size or checkpoint.root != tree.root(checkpoint.size):
            raise Rejected(
                "the write-ahead file lost entries that were acknowledged",
                where=str(disk.root / WAL),
                help="restore the log from a copy",
            )
    return State(tree, state.signed), files


class Overlay(Disk):
    """A directory seen with some files replaced, and without its write-ahead file. For reading only."""

    def __init__(self, disk: Disk, files: dict[str, bytes]) -> None:
        super().__init__(disk.root)
        self._below = disk
        self._files = files

    def read(self, name: str, limit: int) -> bytes:
        """The replaced file, or the one below."""
        found = self._files.get(name)
        return self._below.read(name, limit) if found is None else found

    def size(self, name: str) -> int:
        """The length of what `read` gives; 0 for the write-ahead file, whose content this overlay shows."""
        if name in self._files:
            return len(self._files[name])
        return 0 if name == WAL else self._below.size(name)


def settled(disk: Disk) -> Disk:
    """`disk` as it will be when its write-ahead file has been replayed. Writes nothing, needs no key.

    That is `disk` itself if no write-ahead file is left, else an overlay. Raises as `replay` does.
    """
    if not disk.size(WAL):
        return disk
    with _shared_lock(disk.root):  # no batch is half-way now
        _, records = read_wal(disk)
        if not records:
            return disk
        _make_durable(disk.root / WAL)
        state, files = replay(disk, records, None)
        return Overlay(disk, files | {CHECKPOINT: state.signed})


def _make_durable(path: Path) -> None:
    """Durable before it is shown: a reader's answer must survive, like the sequencer's."""
    with path.open("rb") as stream:
        try:
            os.fsync(stream.fileno())
        except OSError as error:
            if error.errno not in (errno.EROFS, errno.EINVAL):  # a medium that nobody writes
                raise


def _published_if_whole(disk: Disk) -> SignedCheckpoint | None:
    """The checkpoint file; None if a crash took or tore it, which is no loss while there are records."""
    try:
        return published(disk)
    except InputError:
        return None


@contextmanager
def _shared_lock(root: Path) -> Iterator[None]:
    descriptor = None
    # In a copy that nobody writes there may be no lock file.
    with suppress(FileNotFoundError):
        descriptor = os.open(root / "lock", os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _verified(disk: Disk, signed: SignedCheckpoint, key: NoteKey | None) -> Checkpoint:
    if key is None:
        return signed.checkpoint
    try:
        return signed.verify(key)
    except Rejected as error:
        raise Rejected(
            f"this key did not sign the log's checkpoint: {error.message}",
            where=str(disk.root),
            help="use the log's own key",
        ) from error


def _contradiction(disk: Disk, checkpoint: Checkpoint) -> Rejected:
    return Rejected(
        f"the files of the log do not give the root that its checkpoint of {checkpoint.size} entries signs",
        where=str(disk.root),
        help="modelward log audit",
    )
