"""Signed notes: a text, an empty line, and one signature line per key.

Source: https://c2sp.org/signed-note (Ed25519, signature type 0x01; the type 0x04 is in `checkpoint`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from modelward.core.errors import InputError, LimitExceeded, Rejected

ED25519 = 0x01
COSIGNATURE_V1 = 0x04

#: A note with more than this is refused: room for a hundred signatures, some of them post-quantum.
MAX_NOTE_BYTES = 256 << 10
MAX_SIGNATURES = 100

_KEY_ID_BYTES = 4
_DASH = "— "
_CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f]")
_HEX_ID = re.compile(r"[0-9a-f]{8}\Z")


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key that signs notes: its name, its 32 bytes, and the signature type it makes.

    Raises InputError for a name with a space, a plus or a control character.
    """

    name: str
    public: bytes
    kind: int = ED25519

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if len(self.public) != 32 or self.kind not in (ED25519, COSIGNATURE_V1):
            raise InputError("a note key is a 32-byte Ed25519 public key of signature type 1 or 4")

    @classmethod
    def from_pem(cls, name: str, pem: str | bytes, kind: int = ED25519) -> NoteKey:
        """Read an Ed25519 SubjectPublicKeyInfo in PEM. Raises InputError."""
        try:
            public = serialization.load_pem_public_key(pem.encode("utf-8") if isinstance(pem, str) else pem)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise InputError("unreadable public key", help="give an Ed25519 public key in PEM") from error
        if not isinstance(public, Ed25519PublicKey):
            raise InputError("a log is signed with an Ed25519 key", help="give an Ed25519 public key in PEM")
        return cls(name, public.public_bytes_raw(), kind)

    @classmethod
    def from_vkey(cls, text: str) -> NoteKey:
        """Read the form `name+hexid+base64` that other tools use. Raises InputError."""
        parts = text.split("+", 2)
        if len(parts) != 3 or not _HEX_ID.match(parts[1]):
            raise InputError("not a verifier key", help="it reads NAME+HEXID+BASE64")
        material = decode_base64(parts[2], "verifier key")
        key = cls(parts[0], material[1:], material[0] if material else 0)
        if key.id.hex() != parts[1]:
            raise InputError("the verifier key's id does not fit its name and key")
        return key

    @property
    def vkey(self) -> str:
        """The form `name+hexid+base64` that other tools read."""
        material = base64.b64encode(bytes([self.kind]) + self.public).decode("ascii")
        return f"{self.name}+{self.id.hex()}+{material}"

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature line names this key. Not collision resistant."""
        named = self.name.encode("utf-8") + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(named).digest()[:_KEY_ID_BYTES]

    def verify(self, signature: bytes, message: bytes) -> None:
        """Check an Ed25519 signature over `message`. Raises Rejected."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            raise Rejected(f"signature by {self.name}+{self.id.hex()} does not verify") from None


class _HasPem(Protocol):
    @property
    def pem(self) -> str: ...


class Signer(Protocol):
    """What makes Ed25519 signatures: a signer of `attest.keys` is one."""

    @property
    def public(self) -> _HasPem:
        """The public key, with a PEM form."""
        ...

    def sign(self, data: bytes) -> bytes:
        """The 64-byte signature over `data`."""
        ...


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """A key that can sign notes."""

    key: NoteKey
    sign: Callable[[bytes], bytes]

    @classmethod
    def of(cls, name: str, private: Ed25519PrivateKey | Signer, kind: int = ED25519) -> NoteSigner:
        """Let `private` sign under `name`. Raises InputError unless it is an Ed25519 key."""
        if isinstance(private, Ed25519PrivateKey):
            return cls(NoteKey(name, private.public_key().public_bytes_raw(), kind), private.sign)
        return cls(NoteKey.from_pem(name, private.public.pem, kind), private.sign)


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: who, by which key, and the bytes (unverified)."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The line with its newline."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode('ascii')}\n"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A parsed note. Its text means nothing until a known key's signature was checked."""

    text: str
    signatures: tuple[NoteSignature, ...]

    @classmethod
    def parse(cls, data: bytes) -> SignedNote:
        """Parse strictly. Raises InputError (LimitExceeded for a note that is too large)."""
        text, lines = _split(data)
        if len(lines) > MAX_SIGNATURES:
            raise LimitExceeded(f"a note has at most {MAX_SIGNATURES} signatures")
        return cls(text, tuple(_signature(line) for line in lines))

    def to_bytes(self) -> bytes:
        """The note as it is stored."""
        return "".join((self.text, "\n", *(signature.line for signature in self.signatures))).encode("utf-8")

    def signature_by(self, key: NoteKey) -> bytes | None:
        """The unverified signature under `key`'s name and id, None without one.

        Raises Rejected if there are two: which one counts must not depend on the reader.
        """
        found = [
            line.signature for line in self.signatures if line.name == key.name and line.key_id == key.id
        ]
        if len(found) > 1:
            raise Rejected(f"the note is signed twice by {key.name}+{key.id.hex()}")
        return found[0] if found else None

    def verify(self, keys: Iterable[NoteKey]) -> tuple[NoteKey, ...]:
        """The keys that signed. Lines of unknown keys are ignored.

        Raises Rejected if a signature of one of `keys` is wrong, or if none of them signed.
        """
        signed = []
        for key in dict.fromkeys(keys):
            signature = self.signature_by(key)
            if signature is not None:
                key.verify(signature, self.text.encode("utf-8"))
                signed.append(key)
        if not signed:
            raise Rejected("the note carries no signature by a known key")
        return tuple(signed)


def sign_note(text: str, *signers: NoteSigner) -> bytes:
    """Sign `text`, which ends in a newline, with every signer. Raises InputError for other text."""
    try:
        message = text.encode("utf-8")
    except UnicodeEncodeError:
        message = b""
    if not message.endswith(b"\n") or _CONTROL.search(message):
        raise InputError("this text cannot be a note", help="UTF-8 lines, the last one ended too")
    signatures = tuple(
        NoteSignature(signer.key.name, signer.key.id, signer.sign(message)) for signer in signers
    )
    return SignedNote(text, signatures).to_bytes()


def check_key_name(name: str) -> None:
    """Raises InputError unless `name` may name a key: not empty, no space, plus or control character."""
    if not name or "+" in name or any(char.isspace() or char < " " for char in name):
        raise InputError(f"not a key name: {name!r}", help="write it like example.com/log: no space, no plus")
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError("a key name is UTF-8 text") from None


def decode_base64(text: str, what: str) -> bytes:
    """Read standard base64 in its one canonical form. Raises InputError."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if base64.b64encode(data).decode("ascii") != text:
        raise InputError(f"{what}: not canonical base64")
    return data


def _split(data: bytes) -> tuple[str, list[str]]:
    if len(data) > MAX_NOTE_BYTES:
        raise LimitExceeded(f"a note is at most {MAX_NOTE_BYTES} bytes")
    if _CONTROL.search(data):
        raise InputError("a note holds no control characters but newlines")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("a note is UTF-8 text") from error
    text, empty_line, signatures = whole.rpartition("\n\n")
    if not empty_line or not signatures.endswith("\n"):
        raise InputError("a note is a text, an empty line, and signature lines that end in a newline")
    return text + "\n", signatures[:-1].split("\n")


def _signature(line: str) -> NoteSignature:
    fields = line.removeprefix(_DASH).split(" ")
    if not line.startswith(_DASH) or len(fields) != 2:
        raise InputError("a signature line reads: em dash, space, key name, space, base64")
    name, encoded = fields
    check_key_name(name)
    blob = decode_base64(encoded, "note signature")
    if len(blob) <= _KEY_ID_BYTES:
        raise InputError("a note signature is a key id of four bytes and the signature")
    return NoteSignature(name, blob[:_KEY_ID_BYTES], blob[_KEY_ID_BYTES:])
