"""Whether a log continues a checkpoint that somebody kept of it."""

from __future__ import annotations

from collections.abc import Sequence

from modelward.core import merkle
from modelward.core.errors import Rejected
from modelward.log.checkpoint import SignedCheckpoint
from modelward.log.note import NoteKey
from modelward.log.sequencer import Log


def check_continues(log: Log, kept: bytes, keys: Sequence[NoteKey]) -> None:
    """Raise Rejected unless the log as it is now starts with the tree of the checkpoint `kept`.

    `keys` are the log's keys, old ones too. Raises InputError for a checkpoint that cannot be read.
    """
    signed = SignedCheckpoint.parse(kept)
    checkpoint = None
    for key in keys:
        try:
            checkpoint = signed.verify(key)
            break
        except Rejected:
            continue
    if checkpoint is None:
        raise Rejected("the kept checkpoint is by no log key of this registry")
    if checkpoint.size > log.size:
        raise Rejected(f"the log has {log.size} entries, but once had {checkpoint.size}")
    if checkpoint.size == 0:
        return
    current = SignedCheckpoint.parse(log.checkpoint()).checkpoint
    merkle.verify_consistency(
        checkpoint.size,
        checkpoint.root,
        current.size,
        current.root,
        log.consistency_proof(checkpoint.size, current.size),
    )
