"""The log: one directory of tiles, one sequencer, durable before it answers.

An append of a batch writes, in this order:

1. `wal`: the batch with its signed checkpoint, appended and made durable. **This is the commit.**
2. `tile/...`: the tiles and entry bundles, each whole (temporary name, rename), not yet durable.
3. `checkpoint`: the same. Now readers see the batch.

Then the callers are answered. Once in a while, before the next batch and on `close`:

4. the files of 2 and then of 3 are made durable;
5. partial tiles whose full tile is durable are removed;
6. `wal` is emptied, durably.

So after a crash at any point, `wal` holds every answered batch that is not durable in the tiles, and
perhaps one more that was not answered: whole (then it is committed now) or torn (then it is dropped).
Opening for writing writes the batches of `wal` into the tiles again (2 to 6); doing that twice does no harm.
The root of each replayed batch must be the one that its checkpoint signs.

A write that fails in a living process takes the same way: the callers get an error, what is in memory is
forgotten, and the next append starts like an opening. A second process is noticed under the lock, by a
checkpoint or `wal` other than what this one left, and treated alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from modelward.core import atomic, merkle
from modelward.core.errors import Conflict, InputError, LimitExceeded, ModelwardError, UsageError
from modelward.log import recovery, tiles, wal
from modelward.log.checkpoint import Checkpoint, SignedCheckpoint, sign_checkpoint
from modelward.log.disk import Disk
from modelward.log.group import GroupCommit, Request
from modelward.log.kept import check_kept, keep, read_kept
from modelward.log.note import MAX_NOTE_BYTES, NoteSigner, Signer
from modelward.log.recovery import CHECKPOINT, WAL, State
from modelward.log.tree import Tree

#: How many entries of several callers share one commit.
BATCH_ENTRIES = 256

#: The most one call of `append_all` may hold.
MAX_CALL_ENTRIES = 65_536
MAX_CALL_BYTES = 16 << 20

#: Past either, the files are made durable and the write-ahead file is emptied.
WAL_BYTES = 1 << 20
PENDING_FILES = 256


class Log:
    """An append-only log in a directory. Any number of threads and processes may use one at once.

    What an object reads is the tree as of its opening, its last append, or its last `refresh`.
    """

    def __init__(
        self, disk: Disk, state: State, signer: NoteSigner | None = None, kept: Path | None = None
    ) -> None:
        self._disk = disk
        self._state = state
        self._signer = signer
        self._kept = kept
        self._known = False  # whether the disk is as this object left it, as far as it can know
        self._wal_size = 0
        self._pending: dict[str, None] = {}  # files written since `wal` was last emptied
        self._group = GroupCommit(self._commit, BATCH_ENTRIES)

    # --- opening and closing ------------------------------------------------------------------------------

    @classmethod
    def create(cls, directory: Path, origin: str, key: Ed25519PrivateKey | Signer) -> Log:
        """Start an empty log named `origin`, signed by `key` (Ed25519), and open it.

        Raises Conflict if there is one already, InputError for an origin with a space or plus.
        """
        signer = NoteSigner.of(origin, key)
        signed = sign_checkpoint(Checkpoint(origin, 0, merkle.EMPTY_ROOT), signer)
        disk = Disk(Path(directory))
        try:
            disk.root.mkdir(parents=True, exist_ok=True)
            with disk.locked():
                if disk.size(CHECKPOINT) or disk.size(WAL):
                    raise Conflict("there is a log here already", where=str(directory))
                disk.append(WAL, b"")
                disk.write(CHECKPOINT, signed)
                disk.sync([WAL, CHECKPOINT])
            atomic.fsync_directory(disk.root.parent)
        except OSError as error:
            raise _unwritable(disk, error) from error
        return cls.open(directory, key)

    @classmethod
    def open(
        cls,
        directory: Path,
        key: Ed25519PrivateKey | Signer | None = None,
        *,
        kept: Path | None = None,
        disk: Disk | None = None,
    ) -> Log:
        """Open a log; with `key`, for appending too. Without, nothing is written.

        kept: a file outside the log that keeps the highest checkpoint seen; a log behind it is refused.
        disk: what does the writing, for tests.

        Raises InputError if there is no log or its files are damaged, Rejected if the key is not the log's,
        or if the files contradict the checkpoint or the kept one.
        """
        disk = disk or Disk(Path(directory))
        seen = read_kept(kept) if kept else None
        if key is None:
            log = cls(disk, _read(disk), None, kept)
        else:
            try:
                signer = NoteSigner.of(recovery.origin_of(disk), key)
                log = cls(disk, State(Tree.load(disk, 0), b""), signer, kept)
                with disk.locked():
                    log._reload()
            except OSError as error:
                raise _unwritable(disk, error) from error
        log._check_kept(seen)
        return log

    def close(self) -> None:
        """Make all files durable and empty the write-ahead file. The log can still be used."""
        if self._signer is None:
            return
        try:
            with self._disk.locked():
                if self._known and self._is_as_left():
                    self._flush()
        except OSError as error:
            raise _unwritable(self._disk, error) from error
        if self._kept is not None:
            self.refresh()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def refresh(self) -> None:
        """Read the newest checkpoint that any process published.

        Raises Rejected if it does not extend the tree this object had.
        """
        seen = read_kept(self._kept) if self._kept else None
        if self._signer is not None:
            self.append_all(())  # looks under the lock, in turn with the other threads
        else:
            state = _read(self._disk)
            if state.signed != self._state.signed:
                state.require_extends(self._state)
                self._state = state
        self._check_kept(seen)

    # --- reading ------------------------------------------------------------------------------------------

    @property
    def size(self) -> int:
        """The number of entries."""
        return self._state.tree.size

    @property
    def origin(self) -> str:
        """The log's name."""
        return SignedCheckpoint.parse(self._state.signed).checkpoint.origin

    def checkpoint(self) -> bytes:
        """The signed note of the tree; durable, as is all that it covers."""
        return self._state.signed

    def entry(self, index: int) -> bytes:
        """The entry at `index`. Raises InputError if there is none, Rejected if it was changed."""
        if not 0 <= index < self.size:
            raise InputError(f"there is no entry {index}: the log has {self.size}")
        return next(self.entries(index, index + 1))

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The entries from `start` up to `stop` (by default, all), one bundle in memory at a time.

        Raises InputError past the end, Rejected for an entry that was changed.
        """
        tree = self._state.tree
        return tree.entries(start, tree.size if stop is None else stop)

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """The hashes that prove `index` in the tree of `size` (by default, the newest). Raises InputError."""
        tree = self._state.tree
        return tree.inclusion_proof(index, tree.size if size is None else size)

    def consistency_proof(self, old: int, new: int | None = None) -> list[bytes]:
        """The hashes that prove that `new` (by default, the newest size) extends `old`. Raises InputError."""
        tree = self._state.tree
        return tree.consistency_proof(old, tree.size if new is None else new)

    def root(self, size: int | None = None) -> bytes:
        """The root over the first `size` entries, by default all. Raises InputError past the end."""
        return self._state.tree.root(size)

    # --- appending ----------------------------------------------------------------------------------------

    def append(self, entry: bytes) -> int:
        """Append one entry (at most 65535 bytes) and return its index, once it is durable."""
        return self.append_all([entry]).start

    def append_all(self, entries: Sequence[bytes], *, expected_size: int | None = None) -> range:
        """Append `entries` in one piece, all or none, and return their indexes, once they are durable.

        Raises Conflict if `expected_size` is given and the log has another size; LimitExceeded for an entry
        or a call that is too large; UsageError if the log was opened without its key. After any other
        error (a disk that is full) they may be recorded or not, but never in part.
        """
        if self._signer is None:
            raise UsageError("the log was opened for reading only", help="open it with its key")
        entries = tuple(entries)
        total = sum(map(len, entries))
        if len(entries) > MAX_CALL_ENTRIES or total > MAX_CALL_BYTES:
            raise LimitExceeded(
                f"one call appends at most {MAX_CALL_ENTRIES} entries of {MAX_CALL_BYTES} bytes"
            )
        for entry in entries:
            if len(entry) > tiles.MAX_ENTRY_BYTES:
                raise LimitExceeded(f"a log entry is at most {tiles.MAX_ENTRY_BYTES} bytes, not {len(entry)}")
        return self._group.submit(Request(entries, expected_size))

    def _commit(self, batch: Sequence[Request]) -> None:
        try:
            with self._disk.locked():
                if not (self._known and self._is_as_left()):
                    self._reload()
                if self._wal_size > WAL_BYTES or len(self._pending) > PENDING_FILES:
                    self._flush()
                self._write(batch)
        except (OSError, ModelwardError) as error:
            self._known = False
            failure = _unwritable(self._disk, error) if isinstance(error, OSError) else error
            for request in batch:
                request.error = request.error or failure
        except BaseException:
            self._known = False
            raise

    def _write(self, batch: Sequence[Request]) -> None:
        """Steps 1 to 3 for the requests that can be met, then their answers."""
        old = self._state.tree
        entries: list[bytes] = []
        accepted: list[tuple[Request, int]] = []
        for request in batch:
            size = old.size + len(entries)
            if request.expected_size not in (None, size):
                request.error = Conflict(
                    f"the log has {size} entries, not {request.expected_size}: someone else appended",
                    help="look at the new entries, then try again",
                )
                continue
            accepted.append((request, size))
            entries += request.entries
        if entries:
            tree, files = old.grown(entries)
            signed = self._sign(tree)
            record = wal.Record(old.size, tuple(entries), signed).to_bytes()
            self._disk.append(WAL, record)
            self._wal_size += len(record)
            self._publish(State(tree, signed), files)
        for request, first in accepted:
            request.first = first

    def _publish(self, state: State, files: dict[str, bytes]) -> None:
        """Steps 2 and 3."""
        for name, data in files.items():
            self._disk.write(name, data)
            self._pending[name] = None
        self._disk.write(CHECKPOINT, state.signed)
        self._state = state

    def _flush(self) -> None:
        """Steps 4 to 6."""
        if self._wal_size:
            full = {name for name in self._pending if not tiles.is_partial(name)}
            superseded = {tiles.partials_name(name) for name in full}
            lasting = [
                name for name in self._pending if name in full or name.rpartition("/")[0] not in superseded
            ]
            self._disk.sync(lasting)
            self._disk.sync([CHECKPOINT])
            for name in superseded:
                self._disk.remove(name)
            self._disk.truncate(WAL)
        self._pending.clear()
        self._wal_size = 0

    def _sign(self, tree: Tree) -> bytes:
        """The signed checkpoint, verified: one that does not verify would make the log unreadable."""
        signer = self._writer()
        signed = sign_checkpoint(Checkpoint(signer.key.name, tree.size, tree.root()), signer)
        SignedCheckpoint.parse(signed).verify(signer.key)
        return signed

    # --- finding out what is on the disk ------------------------------------------------------------------

    def _is_as_left(self) -> bool:
        """Whether nobody wrote since this object did. Under the lock."""
        return (
            self._disk.size(WAL) == self._wal_size
            and self._disk.read(CHECKPOINT, MAX_NOTE_BYTES) == self._state.signed
        )

    def _reload(self) -> None:
        """Bring the directory to a state without a write-ahead file, and read it. Under the lock."""
        key = self._writer().key
        self._wal_size, records = recovery.read_wal(self._disk)
        self._pending.clear()
        files: dict[str, bytes] = {}
        if records:
            state, files = recovery.replay(self._disk, records, key)
        else:
            state = recovery.load(self._disk, recovery.published(self._disk), key)
        if self._state.signed:
            state.require_extends(self._state)
        self._publish(State(state.tree.on(self._disk), state.signed), files)
        self._flush()
        self._known = True

    def _check_kept(self, seen: Checkpoint | None) -> None:
        """Compare with the kept checkpoint, and keep this one if it is higher."""
        if self._kept is not None:
            signed = self._state.signed
            if seen is not None:
                check_kept(seen, SignedCheckpoint.parse(signed).checkpoint, self.consistency_proof)
            keep(self._kept, signed)

    def _writer(self) -> NoteSigner:
        if self._signer is None:
            raise UsageError("the log was opened for reading only", help="open it with its key")
        return self._signer


def _read(disk: Disk) -> State:
    """What the log holds, without its key. Raises InputError, Rejected."""
    try:
        seen = recovery.settled(disk)
        return recovery.load(seen, recovery.published(seen), None)
    except OSError as error:
        raise InputError(
            f"the log could not be read: {error.strerror or error}", where=str(disk.root)
        ) from error


def _unwritable(disk: Disk, error: OSError) -> InputError:
    return InputError(
        f"the log could not be written: {error.strerror or error}",
        where=str(disk.root),
        help="whether the entries were recorded shows when the log is opened again",
    )
