"""The highest checkpoint that someone has seen of a log, kept where the log's owner cannot change it.

Whoever keeps it notices a log that was rolled back or rewritten, which no single checkpoint can show.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from modelward.core import atomic, merkle
from modelward.core.errors import InputError, Rejected
from modelward.log.checkpoint import Checkpoint, SignedCheckpoint
from modelward.log.note import MAX_NOTE_BYTES

#: Gives the consistency proof from an old size to a new one.
ConsistencyProof = Callable[[int, int], list[bytes]]


def read_kept(path: Path) -> Checkpoint | None:
    """The checkpoint kept at `path`, None if there is none. Raises InputError if the file is damaged.

    Read it before the log: the log then must not be behind it, whoever else is at work.
    """
    try:
        with path.open("rb") as stream:
            return SignedCheckpoint.parse(stream.read(MAX_NOTE_BYTES + 1)).checkpoint
    except FileNotFoundError:
        return None
    except (OSError, InputError) as error:
        raise InputError(
            f"the kept checkpoint is damaged: {error}", where=str(path), help="restore it, or remove it"
        ) from error


def check_kept(kept: Checkpoint, newest: Checkpoint, prove: ConsistencyProof) -> None:
    """Check that the `newest` tree extends the kept one.

    Raises Rejected if the log is behind it, was rewritten, or is another log.
    """
    if kept.origin != newest.origin:
        raise Rejected(f"the kept checkpoint is of the log {kept.origin!r}, not {newest.origin!r}")
    if newest.size < kept.size:
        raise Rejected(
            f"the log has {newest.size} entries, but had {kept.size} before: it was rolled back",
            where=newest.origin,
            help="restore the log from a copy that is not behind",
        )
    proof = prove(kept.size, newest.size)
    merkle.verify_consistency(kept.size, kept.root, newest.size, newest.root, proof)


def keep(path: Path, signed: bytes) -> None:
    """Keep a checkpoint that was verified and checked with `check_kept`, unless a higher one is there.

    Raises InputError if it cannot be written.
    """
    kept = read_kept(path)
    if kept is None or SignedCheckpoint.parse(signed).checkpoint.size > kept.size:
        try:
            atomic.write_bytes(path, signed)
        except OSError as error:
            raise InputError(
                f"the checkpoint could not be kept: {error.strerror or error}", where=str(path)
            ) from error
