"""Offline proofs: one small text file shows that an entry is in a log's tree.

Source: https://c2sp.org/tlog-proof. Files end in `.tlog-proof`.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Protocol

from modelward.core import merkle
from modelward.core.errors import InputError, LimitExceeded
from modelward.log.checkpoint import Checkpoint, SignedCheckpoint, parse_size
from modelward.log.note import MAX_NOTE_BYTES, NoteKey, decode_base64

HEADER = "c2sp.org/tlog-proof@v1"
MAX_EXTRA_BYTES = 64 << 10
MAX_PROOF_BYTES = MAX_NOTE_BYTES + 2 * MAX_EXTRA_BYTES + 8192


class ProvingLog(Protocol):
    """What a proof is made from: a `sequencer.Log`, or a client of one."""

    def checkpoint(self) -> bytes:
        """The newest signed checkpoint."""
        ...

    def entry(self, index: int) -> bytes:
        """The entry at `index`."""
        ...

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """The hashes that prove `index` in the tree of `size`."""
        ...


@dataclass(frozen=True, slots=True)
class ProofFile:
    """An entry's index, its inclusion proof, and the signed checkpoint. `extra` is unauthenticated."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    @classmethod
    def make(cls, log: ProvingLog, index: int) -> bytes:
        """The proof file for the entry at `index` of the newest tree.

        Raises InputError if there is no such entry, Rejected if the log's files contradict its checkpoint.
        """
        signed = log.checkpoint()
        tree = SignedCheckpoint.parse(signed).checkpoint
        entry = log.entry(index)
        hashes = log.inclusion_proof(index, tree.size)
        merkle.verify_inclusion(merkle.leaf_hash(entry), index, tree.size, hashes, tree.root)
        return cls(index, tuple(hashes), signed).to_bytes()

    @classmethod
    def parse(cls, data: bytes) -> ProofFile:
        """Parse strictly; signatures are not checked here. Raises InputError."""
        if len(data) > MAX_PROOF_BYTES:
            raise LimitExceeded(f"a proof file is at most {MAX_PROOF_BYTES} bytes")
        head, empty_line, checkpoint = data.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise InputError("not a proof file") from error
        if not empty_line or lines[0] != HEADER:
            raise InputError("not a proof file", help=f"it starts with the line {HEADER}")
        extra = None
        if len(lines) > 1 and lines[1].startswith("extra "):
            extra = decode_base64(lines.pop(1).removeprefix("extra "), "extra data of the proof")
            if len(extra) > MAX_EXTRA_BYTES:
                raise LimitExceeded(f"the extra data of a proof is at most {MAX_EXTRA_BYTES} bytes")
        if len(lines) < 2 or not lines[1].startswith("index "):
            raise InputError("a proof file names the index of its entry")
        if len(lines) - 2 > merkle.MAX_PROOF_HASHES:
            raise LimitExceeded(f"an inclusion proof has at most {merkle.MAX_PROOF_HASHES} hashes")
        hashes = tuple(decode_base64(line, "hash in the proof") for line in lines[2:])
        if any(len(value) != merkle.HASH_BYTES for value in hashes):
            raise InputError(f"a hash in a proof is {merkle.HASH_BYTES} bytes")
        SignedCheckpoint.parse(checkpoint)
        return cls(parse_size(lines[1].removeprefix("index "), "index"), hashes, checkpoint, extra)

    def to_bytes(self) -> bytes:
        """The proof file."""
        lines = [HEADER]
        if self.extra is not None:
            lines.append("extra " + base64.b64encode(self.extra).decode("ascii"))
        lines.append(f"index {self.index}")
        lines += [base64.b64encode(value).decode("ascii") for value in self.hashes]
        return "\n".join(lines).encode("ascii") + b"\n\n" + self.checkpoint

    def verify(self, entry: bytes, log_key: NoteKey) -> Checkpoint:
        """Check that `entry` is in the tree that `log_key` signed. Raises Rejected."""
        tree = SignedCheckpoint.parse(self.checkpoint).verify(log_key)
        merkle.verify_inclusion(merkle.leaf_hash(entry), self.index, tree.size, self.hashes, tree.root)
        return tree


def verify_proof(data: bytes, entry: bytes, log_key: NoteKey) -> Checkpoint:
    """Check a proof file for `entry` against the log's key, offline.

    Returns the checkpoint, whose signature verified. Raises InputError if the file is malformed, Rejected
    if it proves nothing about `entry`.
    """
    return ProofFile.parse(data).verify(entry, log_key)
