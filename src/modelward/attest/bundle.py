"""Sigstore bundles v0.3 around one DSSE envelope, with a key named by hint and RFC 3161 timestamps.

Source: https://docs.sigstore.dev/about/bundle/ and sigstore/protobuf-specs, sigstore_bundle.proto
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from modelward.attest.envelope import (
    PAYLOAD_TYPE,
    Envelope,
    decode_base64,
    encode_base64,
    exact_fields,
    pae,
    statement_id,
)
from modelward.attest.keys.public import PublicKey
from modelward.attest.keys.signer import Signer
from modelward.attest.statement import Statement
from modelward.core import strict_json
from modelward.core.digest import Digest
from modelward.core.errors import InputError

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"

MAX_BUNDLE_BYTES = 48 << 20
MAX_TIMESTAMPS = 8
MAX_TIMESTAMP_BYTES = 64 << 10

_HINT = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class Bundle:
    """A signed statement as it is stored and sent. Parsed, not yet believed: see `attest.verify`.

    `key_id` is the bundle's key hint: a public key's `id` (in OMS signatures, the SHA-256 of its PEM).
    `timestamps` are DER TimeStampResp over the signature.
    """

    envelope: Envelope
    key_id: str
    timestamps: tuple[bytes, ...]
    statement: Statement

    @classmethod
    def from_bytes(cls, data: bytes) -> Bundle:
        """Parse strictly: one signature, no transparency log entries, no certificate, no unknown field.

        Raises InputError (LimitExceeded past a bound).
        """
        return cls.from_value(strict_json.loads(data, what="bundle", max_bytes=MAX_BUNDLE_BYTES))

    @classmethod
    def from_value(cls, value: Any) -> Bundle:
        """As `from_bytes`, from JSON that was read strictly already, as part of something larger."""
        if isinstance(value, dict) and value.get("mediaType") != MEDIA_TYPE:
            raise InputError(
                f"bundle media type {value.get('mediaType')!r} is not {MEDIA_TYPE}",
                help="sign again with a current tool; older bundle formats are not accepted",
            )
        fields = exact_fields(value, {"mediaType", "verificationMaterial", "dsseEnvelope"}, what="a bundle")
        key_id, timestamps = _verification_material(fields["verificationMaterial"])
        envelope = Envelope.from_dict(fields["dsseEnvelope"])
        if envelope.key_hint not in ("", key_id):
            raise InputError("the envelope's keyid and the bundle's key hint differ")
        return cls(envelope, key_id, timestamps, Statement.from_bytes(envelope.payload))

    def to_bytes(self) -> bytes:
        """The one JSON form of this bundle."""
        material: dict[str, Any] = {"publicKey": {"hint": self.key_id}, "tlogEntries": []}
        if self.timestamps:
            material["timestampVerificationData"] = {
                "rfc3161Timestamps": [{"signedTimestamp": encode_base64(t)} for t in self.timestamps]
            }
        return strict_json.dumps(
            {
                "mediaType": MEDIA_TYPE,
                "verificationMaterial": material,
                "dsseEnvelope": self.envelope.as_dict(),
            }
        )

    @property
    def payload(self) -> bytes:
        """The statement's bytes as signed."""
        return self.envelope.payload

    @property
    def statement_id(self) -> Digest:
        """The statement's identity, the same for every bundle over the same payload."""
        return statement_id(self.envelope.payload)

    @property
    def signature(self) -> bytes:
        """The one signature."""
        return self.envelope.signatures[0]

    def check_signature(self, key: PublicKey) -> None:
        """Raise Rejected unless `key` made the signature. Says nothing about whether to trust `key`."""
        key.verify(self.signature, self.envelope.signed_bytes)


def sign_statement(
    statement: Statement, signer: Signer, timestamp: str | Callable[[bytes], bytes] | None = None
) -> Bundle:
    """Sign `statement`. `timestamp` is a timestamp authority: an http(s) URL, or request -> response."""
    return sign_payload(statement, statement.to_bytes(), signer, timestamp)


def sign_payload(
    statement: Statement,
    payload: bytes,
    signer: Signer,
    timestamp: str | Callable[[bytes], bytes] | None = None,
    *,
    key_id: str | None = None,
) -> Bundle:
    """Sign `payload`, which is a JSON form of `statement`, under the key hint `key_id`."""
    signature = signer.sign(pae(PAYLOAD_TYPE, payload))
    timestamps: tuple[bytes, ...] = ()
    if timestamp is not None:
        from modelward.attest.timestamp import request_token

        timestamps = (request_token(timestamp, signature),)
    envelope = Envelope(PAYLOAD_TYPE, payload, (signature,))
    return Bundle(envelope, key_id or signer.public.id, timestamps, statement)


def _verification_material(value: Any) -> tuple[str, tuple[bytes, ...]]:
    if isinstance(value, dict) and value.keys() & {"certificate", "x509CertificateChain"}:
        raise InputError(
            "signed with a certificate, which is not accepted",
            help="sign with a key; a certificate's validity and purpose cannot be trusted from a bundle",
        )
    material = exact_fields(
        value, {"publicKey"}, {"tlogEntries", "timestampVerificationData"}, what="verificationMaterial"
    )
    if material.get("tlogEntries", []) != []:
        raise InputError("transparency log entries are not accepted in bundles")
    hint = exact_fields(material["publicKey"], {"hint"}, what="publicKey")["hint"]
    if not isinstance(hint, str) or not _HINT.match(hint):
        raise InputError("a key hint is 64 lower-case hex characters")
    return hint, _timestamps(material.get("timestampVerificationData"))


def _timestamps(value: Any) -> tuple[bytes, ...]:
    if value is None:
        return ()
    field = exact_fields(value, set(), {"rfc3161Timestamps"}, what="timestampVerificationData")
    entries = field.get("rfc3161Timestamps", [])
    if not isinstance(entries, list) or len(entries) > MAX_TIMESTAMPS:
        raise InputError(f"a bundle has at most {MAX_TIMESTAMPS} timestamps")
    return tuple(
        decode_base64(
            exact_fields(entry, {"signedTimestamp"}, what="a timestamp")["signedTimestamp"],
            "timestamp",
            MAX_TIMESTAMP_BYTES,
        )
        for entry in entries
    )
