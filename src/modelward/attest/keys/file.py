"""Private keys in files: PKCS#8 PEM, encrypted with a passphrase, readable by their owner only."""

from __future__ import annotations

import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from modelward.attest.keys.public import ALGORITHMS, PublicKey, signature_hash
from modelward.attest.keys.signer import Passphrase, ask_secret
from modelward.core import atomic
from modelward.core.errors import InputError, UsageError

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

#: Environment variable with the passphrase of encrypted key files.
PASSPHRASE_VARIABLE = "MODELWARD_PASSPHRASE"  # noqa: S105

#: A key file larger than this is something else.
MAX_KEY_BYTES = 16 << 10


@dataclass(frozen=True, slots=True)
class PrivateKeySigner:
    """Signs with a private key in memory."""

    private: PrivateKey

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return PublicKey.of(self.private.public_key())

    def sign(self, data: bytes) -> bytes:
        """Sign `data`: DER for ECDSA, 64 bytes for Ed25519."""
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(data)
        return self.private.sign(data, ec.ECDSA(signature_hash(self.private.curve.name)))


def generate(algorithm: str = "ecdsa-p256") -> PrivateKey:
    """Make a private key. Raises UsageError for an algorithm that is not in ALGORITHMS."""
    if algorithm == "ecdsa-p256":
        return ec.generate_private_key(ec.SECP256R1())
    if algorithm == "ecdsa-p384":
        return ec.generate_private_key(ec.SECP384R1())
    if algorithm == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    raise UsageError(f"no such key algorithm: {algorithm}", help=f"use one of {', '.join(ALGORITHMS)}")


def public_path(path: Path) -> Path:
    """Where the public half of the key file `path` lies: `alice.pem` -> `alice.pub`."""
    return path.with_suffix(".pub") if path.suffix == ".pem" else path.with_name(path.name + ".pub")


def write_key(path: Path, private: PrivateKey, passphrase: str | None) -> PublicKey:
    """Write `private` to `path` (mode 0600, PKCS#8 PEM) and its public half to `public_path(path)`.

    Encrypted unless `passphrase` is None. Never overwrites: raises InputError if either file exists.
    """
    if passphrase == "":
        raise InputError("the passphrase is empty", help="choose one, or ask for none explicitly")
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        encryption = serialization.BestAvailableEncryption(passphrase.encode("utf-8"))
    public = PublicKey.of(private.public_key())
    pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    if public_path(path).exists():
        raise InputError("file exists", where=str(public_path(path)), help="choose another name")
    _create(path, pem, mode=0o600)
    _create(public_path(path), public.pem.encode("ascii"), mode=0o644)
    return public


def _create(path: Path, data: bytes, *, mode: int) -> None:
    """Write a file that did not exist; whole, durable, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        os.link(name, path)
    except FileExistsError:
        raise InputError("file exists", where=str(path), help="choose another name") from None
    finally:
        Path(name).unlink(missing_ok=True)
    atomic.fsync_directory(path.parent)


def open_signer(location: str, passphrase: Passphrase | None = None) -> PrivateKeySigner:
    """Open the key file at `location`.

    Raises InputError if it is missing, readable by others, no such key, or the passphrase is wrong.
    """
    path = Path(location).expanduser()
    pem = _read_private(path)
    secret = None
    if b"-----BEGIN ENCRYPTED PRIVATE KEY-----" in pem:
        secret = ask_secret(f"passphrase for {path.name}", PASSPHRASE_VARIABLE, passphrase).encode()
    try:
        key = serialization.load_pem_private_key(pem, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if secret is not None:
            raise InputError("wrong passphrase, or a damaged key file", where=str(path)) from None
        raise InputError(
            f"not a PKCS#8 PEM private key: {error}",
            where=str(path),
            help="make one with modelward key new",
        ) from None
    try:
        PublicKey.of(key.public_key())
    except InputError as error:
        raise InputError(error.message, where=str(path), help=error.help) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise InputError("not an elliptic curve key", where=str(path))
    return PrivateKeySigner(key)


def _read_private(path: Path) -> bytes:
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise InputError("not a key file", where=str(path))
            if status.st_mode & 0o077:
                raise InputError(
                    "others may read or change this private key",
                    where=str(path),
                    help=f"chmod 600 {path}; if others had access, make a new key and revoke this one",
                )
            pem = stream.read(MAX_KEY_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot read the key: {error.strerror}", where=str(path)) from None
    if len(pem) > MAX_KEY_BYTES:
        raise InputError("too large for a key file", where=str(path))
    return pem
