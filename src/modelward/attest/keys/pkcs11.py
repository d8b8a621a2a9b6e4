"""Private keys on PKCS#11 tokens, which never leave them. Needs the extra `hsm`.

Source: RFC 7512 (the pkcs11: URI), PKCS#11 v2.40 section 2.3 (ECDSA).
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from modelward.attest.keys.public import PublicKey
from modelward.attest.keys.signer import Passphrase, ask_secret
from modelward.core.errors import InputError, MissingExtra, UsageError

#: Environment variable with the token's PIN.
PIN_VARIABLE = "MODELWARD_PIN"

#: DER of the named curve's object identifier -> the curve and the hash that goes with it.
_CURVES: dict[bytes, tuple[ec.EllipticCurve, hashes.HashAlgorithm]] = {
    bytes.fromhex("06082a8648ce3d030107"): (ec.SECP256R1(), hashes.SHA256()),
    bytes.fromhex("06052b81040022"): (ec.SECP384R1(), hashes.SHA384()),
}

_PATH_ATTRIBUTES = {"token", "serial", "object", "id", "type"}
_QUERY_ATTRIBUTES = {"module-path", "pin-source"}


@dataclass(frozen=True, slots=True)
class KeyAddress:
    """What a pkcs11: URI names. `token` or `serial` finds the token, `object` or `id` the key pair."""

    module: Path
    token: str | None
    serial: bytes | None
    label: str | None
    id: bytes | None
    pin_source: str | None

    @classmethod
    def parse(cls, text: str) -> KeyAddress:
        """Read the URI without its `pkcs11:`. Raises UsageError for what is missing or not supported."""
        path, _, query = text.partition("?")
        found = _attributes(path, ";", _PATH_ATTRIBUTES) | _attributes(query, "&", _QUERY_ATTRIBUTES)
        if found.get("type", b"private") != b"private":
            raise UsageError("a signer is a private key: leave out type=, or write type=private")
        if not (found.keys() & {"token", "serial"} and found.keys() & {"object", "id"}):
            raise UsageError(
                "a pkcs11: key needs token= or serial=, and object= or id=",
                help="pkcs11:token=NAME;object=KEY?module-path=/usr/lib/softhsm/libsofthsm2.so",
            )
        if "module-path" not in found:
            raise UsageError("a pkcs11: key needs ?module-path=, the token's driver library")
        texts = {name: _text(name, value) for name, value in found.items() if name not in ("id", "serial")}
        return cls(
            Path(texts["module-path"]),
            texts.get("token"),
            found.get("serial"),
            texts.get("object"),
            found.get("id"),
            texts.get("pin-source"),
        )

    def pin(self, ask: Passphrase | None) -> str:
        """The PIN: from pin-source, MODELWARD_PIN or `ask`. Raises InputError."""
        if self.pin_source is None:
            return ask_secret(f"PIN for token {self.token or ''}".rstrip(), PIN_VARIABLE, ask)
        path = Path(self.pin_source.removeprefix("file:"))
        try:
            if path.stat().st_mode & 0o077:
                raise InputError("others may read this PIN", where=str(path), help=f"chmod 600 {path}")
            return path.read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeError) as error:
            raise InputError(f"cannot read the PIN: {error}", where=str(path)) from None


@dataclass(frozen=True, slots=True)
class _Login:
    """A session, and the lock that lets one thread at a time use it, as PKCS#11 requires."""

    session: Any
    lock: threading.Lock = field(default_factory=threading.Lock)


#: (module, token serial) -> the login. PKCS#11 knows one login per process and token: it is shared and kept.
_LOGINS: dict[tuple[str, bytes], _Login] = {}
_LOGINS_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class TokenSigner:
    """Signs on the token, one signature at a time."""

    public: PublicKey
    _private: Any
    _hash: hashes.HashAlgorithm
    _lock: threading.Lock

    def sign(self, data: bytes) -> bytes:
        """Sign `data`, hashed here; gives DER. Raises InputError if the token refuses."""
        from pkcs11 import Mechanism, PKCS11Error

        hasher = hashes.Hash(self._hash)
        hasher.update(data)
        try:
            with self._lock:
                raw: bytes = self._private.sign(hasher.finalize(), mechanism=Mechanism.ECDSA)
        except PKCS11Error as error:
            raise InputError(f"the token did not sign: {_words(error)}") from None
        half = len(raw) // 2
        return utils.encode_dss_signature(
            int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big")
        )


def open_signer(location: str, passphrase: Passphrase | None = None) -> TokenSigner:
    """Log in to the token and find the key pair that `location` (a URI without `pkcs11:`) names.

    Raises MissingExtra, UsageError for the URI, InputError for a missing module, token, key or wrong PIN.
    """
    address = KeyAddress.parse(location)
    try:
        import pkcs11
    except ImportError:
        raise MissingExtra("hsm", "a key on a PKCS#11 token") from None
    where = os.fspath(address.module)
    if not address.module.is_file():
        raise InputError("no such PKCS#11 module", where=where, help="check ?module-path=")
    try:
        login = _log_in(address, passphrase)
        with login.lock:
            private = _find(login.session, pkcs11.ObjectClass.PRIVATE_KEY, address)
            public = _find(login.session, pkcs11.ObjectClass.PUBLIC_KEY, address)
            return _signer(private, public, login.lock)
    except pkcs11.PinIncorrect:
        raise InputError("wrong PIN; tokens lock after a few", where=where) from None
    except pkcs11.NoSuchToken:
        raise InputError("no such token", where=where, help="list them: pkcs11-tool --list-slots") from None
    except (pkcs11.PKCS11Error, OSError) as error:
        raise InputError(f"the token did not open: {_words(error)}", where=where) from None


def _log_in(address: KeyAddress, passphrase: Passphrase | None) -> _Login:
    import pkcs11

    module = os.fspath(address.module)
    token = pkcs11.lib(module).get_token(token_label=address.token, token_serial=address.serial)
    with _LOGINS_LOCK:
        place = (module, bytes(token.serial))
        if place not in _LOGINS:
            _LOGINS[place] = _Login(token.open(user_pin=address.pin(passphrase)))
        return _LOGINS[place]


def _find(session: Any, kind: Any, address: KeyAddress) -> Any:
    from pkcs11 import MultipleObjectsReturned, NoSuchKey

    try:
        return session.get_key(object_class=kind, label=address.label, id=address.id)
    except (NoSuchKey, MultipleObjectsReturned) as error:
        fault = "no" if isinstance(error, NoSuchKey) else "more than one"
        raise InputError(
            f"{fault} {kind.name.lower().replace('_', ' ')} of this object= or id= on the token",
            where=os.fspath(address.module),
            help="both halves of the key pair must be there under one object= and id=",
        ) from None


def _signer(private: Any, public: Any, lock: threading.Lock) -> TokenSigner:
    from pkcs11 import Attribute, KeyType

    if public.key_type is not KeyType.EC or bytes(public[Attribute.EC_PARAMS]) not in _CURVES:
        raise InputError("the key on the token is not EC P-256 or P-384", help="make one of these curves")
    curve, hash_algorithm = _CURVES[bytes(public[Attribute.EC_PARAMS])]
    point = bytes(public[Attribute.EC_POINT])
    if len(point) == 2 * ((curve.key_size + 7) // 8) + 3:
        point = point[2:]  # the point is wrapped in an OCTET STRING, as PKCS#11 v2.40 says; some do not
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(curve, point)
    except ValueError as error:
        raise InputError(f"the token's public key is damaged: {error}") from None
    return TokenSigner(PublicKey.of(key), private, hash_algorithm, lock)


def _attributes(text: str, separator: str, known: set[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in filter(None, text.split(separator)):
        name, equals, value = part.partition("=")
        if name == "pin-value":
            raise UsageError(
                "a PIN does not belong in a URI", help=f"use pin-source=file:PATH, or set {PIN_VARIABLE}"
            )
        if not equals or name not in known or name in found:
            raise UsageError(
                f"pkcs11: attribute {name!r} is repeated, empty or not supported",
                help=f"known: {', '.join(sorted(_PATH_ATTRIBUTES | _QUERY_ATTRIBUTES))}",
            )
        found[name] = unquote_to_bytes(value)
    return found


def _text(name: str, value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"pkcs11: attribute {name!r} is not UTF-8") from None


def _words(error: Exception) -> str:
    return f"{type(error).__name__} {error}".strip()
