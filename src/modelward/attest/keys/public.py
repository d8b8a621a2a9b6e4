"""Public keys: EC P-256, EC P-384 and Ed25519, named by the SHA-256 of their SubjectPublicKeyInfo."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from modelward.core.errors import InputError, LimitExceeded, Rejected

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

#: What our own keys may be.
ALGORITHMS = ("ecdsa-p256", "ecdsa-p384", "ed25519")

#: What an OMS signature may be made with (OMS v1.0); P-521 is read there and nowhere else.
OMS_ALGORITHMS = ("ecdsa-p256", "ecdsa-p384", "ecdsa-p521")

#: A PEM file larger than this is no public key.
MAX_PEM_BYTES = 16 << 10

_CURVES: dict[str, tuple[str, Callable[[], hashes.HashAlgorithm]]] = {
    "secp256r1": ("ecdsa-p256", hashes.SHA256),
    "secp384r1": ("ecdsa-p384", hashes.SHA384),
    "secp521r1": ("ecdsa-p521", hashes.SHA512),
}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key that can check signatures. Two are equal if their key material is.

    ECDSA signatures are DER, over SHA-256 (P-256), SHA-384 (P-384) or SHA-512 (P-521).
    """

    algorithm: str
    spki: bytes = field(repr=False)

    @classmethod
    def from_pem(cls, pem: bytes | str, *, algorithms: tuple[str, ...] = ALGORITHMS) -> PublicKey:
        """Read a PEM SubjectPublicKeyInfo. Raises InputError for anything else, RSA and other curves too."""
        data = pem.encode("utf-8") if isinstance(pem, str) else pem
        if len(data) > MAX_PEM_BYTES:
            raise LimitExceeded(f"a public key file is at most {MAX_PEM_BYTES} bytes")
        if b"PRIVATE KEY-----" in data:
            raise InputError("this is a private key", help="give the public key (the .pub file)")
        if data.count(b"-----BEGIN ") != 1 or b"-----BEGIN PUBLIC KEY-----" not in data:
            raise InputError(
                "not exactly one PEM public key",
                help="the file starts with -----BEGIN PUBLIC KEY-----",
            )
        try:
            key = serialization.load_pem_public_key(data)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise InputError(f"unreadable public key: {error}") from error
        return cls.of(key, algorithms=algorithms)

    @classmethod
    def of(cls, key: PublicKeyTypes, *, algorithms: tuple[str, ...] = ALGORITHMS) -> PublicKey:
        """Wrap a key of `cryptography`. Raises InputError for an algorithm that is not in `algorithms`."""
        name = _algorithm_of(key)
        if name not in algorithms:
            raise InputError(f"a {name} key cannot be used here", help=f"use {', '.join(algorithms)}")
        spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return cls(name, spki)

    @property
    def id(self) -> str:
        """The hex SHA-256 of the DER SubjectPublicKeyInfo: this key's name everywhere."""
        return hashlib.sha256(self.spki).hexdigest()

    @property
    def oms_hint(self) -> str:
        """How OMS signatures name this key: the hex SHA-256 of its PEM."""
        return hashlib.sha256(self.pem.encode("ascii")).hexdigest()

    @property
    def label(self) -> str:
        """A form for people, never for comparison: `ecdsa-p256:7b0e…c3`."""
        return f"{self.algorithm}:{self.id[:4]}…{self.id[-2:]}"

    @property
    def pem(self) -> str:
        """The PEM SubjectPublicKeyInfo, one form per key."""
        return (
            self._key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode("ascii")
        )

    def verify(self, signature: bytes, data: bytes) -> None:
        """Check `signature` over `data`. Raises Rejected if this key did not make it."""
        key = self._key()
        try:
            if isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(signature, data, ec.ECDSA(_CURVES[key.curve.name][1]()))
            elif isinstance(key, ed25519.Ed25519PublicKey):
                key.verify(signature, data)
        except InvalidSignature:
            raise Rejected(f"the signature was not made by key {self.label} over these bytes") from None

    def _key(self) -> ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey:
        key = serialization.load_der_public_key(self.spki)
        if not isinstance(key, ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
            raise InputError(f"not an elliptic curve key: {type(key).__name__}")
        return key


def signature_hash(curve: str) -> hashes.HashAlgorithm:
    """The hash that goes with a curve named as `cryptography` names it, `secp256r1`."""
    return _CURVES[curve][1]()


def _algorithm_of(key: PublicKeyTypes) -> str:
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "ed25519"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return _CURVES[key.curve.name][0] if key.curve.name in _CURVES else f"ecdsa-{key.curve.name}"
    return type(key).__name__.removesuffix("PublicKey").lstrip("_").lower()
