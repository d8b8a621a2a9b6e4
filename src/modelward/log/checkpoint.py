"""Checkpoints: what a log says its tree is, signed by the log and cosigned by witnesses.

Sources: https://c2sp.org/tlog-checkpoint and https://c2sp.org/tlog-cosignature (cosignature/v1, Ed25519).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from modelward.core.errors import InputError, Rejected
from modelward.core.merkle import HASH_BYTES
from modelward.log.note import (
    COSIGNATURE_V1,
    NoteKey,
    NoteSignature,
    NoteSigner,
    SignedNote,
    decode_base64,
    sign_note,
)

MAX_SIZE = (1 << 63) - 1

_SIZE = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z", re.ASCII)
_TIMESTAMP_BYTES = 8


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree: the log's name (origin), the number of entries, the root hash, and opaque further lines."""

    origin: str
    size: int
    root: bytes
    extension: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The note text."""
        root = base64.b64encode(self.root).decode("ascii")
        return "\n".join((self.origin, str(self.size), root, *self.extension, ""))

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a note text. Raises InputError."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
            raise InputError("a checkpoint is three or more lines, none of them empty: origin, size, root")
        origin, size_text, root_text, *extension = lines[:-1]
        root = decode_base64(root_text, "checkpoint root")
        if len(root) != HASH_BYTES:
            raise InputError(f"a checkpoint's root is {HASH_BYTES} bytes")
        return cls(origin, parse_size(size_text, "checkpoint size"), root, tuple(extension))


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A parsed checkpoint with its signature lines. Nothing in it is believed until `verify`."""

    checkpoint: Checkpoint
    note: SignedNote

    @classmethod
    def parse(cls, data: bytes) -> SignedCheckpoint:
        """Parse strictly. Raises InputError."""
        note = SignedNote.parse(data)
        return cls(Checkpoint.parse(note.text), note)

    def to_bytes(self) -> bytes:
        """The signed note as it is stored."""
        return self.note.to_bytes()

    def verify(self, log_key: NoteKey, *, origin: str | None = None) -> Checkpoint:
        """Check the log's signature and its origin (by default, the key's name). Raises Rejected."""
        expected = log_key.name if origin is None else origin
        if self.checkpoint.origin != expected:
            raise Rejected(f"the checkpoint is of the log {self.checkpoint.origin!r}, not {expected!r}")
        self.note.verify([log_key])
        return self.checkpoint

    def cosigned(self, witness_keys: Iterable[NoteKey]) -> list[tuple[str, datetime]]:
        """The witnesses that cosigned, each with the time at which it saw this tree.

        A witness whose key material already counted under another name does not count again. Raises
        Rejected if a cosignature of one of `witness_keys` is wrong.
        """
        seen: dict[bytes, tuple[str, datetime]] = {}
        for key in witness_keys:
            if key.kind != COSIGNATURE_V1:
                raise InputError(f"the key of witness {key.name} is not of type cosignature/v1")
            blob = self.note.signature_by(key)
            if blob is not None:
                seen.setdefault(key.public, (key.name, self._cosigned_at(key, blob)))
        return list(seen.values())

    def cosign(self, witness: NoteSigner, moment: datetime) -> SignedCheckpoint:
        """This checkpoint with one more line: `witness` saw it at `moment`.

        Whether the tree is consistent with what the witness saw before is for the caller to have checked.
        """
        if witness.key.kind != COSIGNATURE_V1:
            raise InputError("a witness signs with a key of type cosignature/v1")
        seconds = int(moment.timestamp())
        signature = witness.sign(_cosigned_message(seconds, self.note.text))
        blob = seconds.to_bytes(_TIMESTAMP_BYTES, "big") + signature
        line = NoteSignature(witness.key.name, witness.key.id, blob)
        return replace(self, note=replace(self.note, signatures=(*self.note.signatures, line)))

    def _cosigned_at(self, key: NoteKey, blob: bytes) -> datetime:
        seconds = int.from_bytes(blob[:_TIMESTAMP_BYTES], "big")
        key.verify(blob[_TIMESTAMP_BYTES:], _cosigned_message(seconds, self.note.text))
        try:
            return datetime.fromtimestamp(seconds, UTC)
        except (OverflowError, ValueError, OSError):
            raise Rejected(f"witness {key.name} signed a time that does not exist") from None


def sign_checkpoint(checkpoint: Checkpoint, signer: NoteSigner) -> bytes:
    """The signed note of `checkpoint`."""
    return sign_note(checkpoint.text, signer)


def parse_size(text: str, what: str) -> int:
    """Read a count in decimal without leading zeroes, below 2**63. Raises InputError."""
    if not _SIZE.match(text) or int(text) > MAX_SIZE:
        raise InputError(f"{what}: not a decimal number below 2**63")
    return int(text)


def _cosigned_message(seconds: int, text: str) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
