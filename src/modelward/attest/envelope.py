"""DSSE envelopes with exactly one signature.

Source: https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md and envelope.md
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from modelward.attest.statement import MAX_STATEMENT_BYTES
from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded

#: The payload type of every envelope of ours.
PAYLOAD_TYPE = "application/vnd.in-toto+json"

#: The longest signature: DER ECDSA over P-521 is 139 bytes.
MAX_SIGNATURE_BYTES = 1024


def pae(payload_type: str, payload: bytes) -> bytes:
    """The DSSE pre-authentication encoding: the bytes that are signed."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def statement_id(payload: bytes) -> Digest:
    """A statement's identity: the SHA-256 of its pre-authentication encoding (DESIGN 1.2)."""
    return Digest.sha256(pae(PAYLOAD_TYPE, payload))


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload, its type, and the signatures over both: always one, so that no reader skips any.

    `key_hint` is the envelope's unsigned `keyid`; nothing may rely on it.
    """

    payload_type: str
    payload: bytes
    signatures: tuple[bytes, ...]
    key_hint: str = ""

    @classmethod
    def from_dict(cls, value: Any) -> Envelope:
        """Read the JSON object of an envelope strictly. Raises InputError."""
        fields = exact_fields(value, {"payload", "payloadType", "signatures"}, what="a DSSE envelope")
        if fields["payloadType"] != PAYLOAD_TYPE:
            raise InputError(f"payload type {fields['payloadType']!r} is not {PAYLOAD_TYPE}")
        signatures = fields["signatures"]
        if not isinstance(signatures, list) or len(signatures) != 1:
            raise InputError("an envelope must have exactly one signature")
        signature = exact_fields(signatures[0], {"sig"}, {"keyid"}, what="a DSSE signature")
        key_hint = signature.get("keyid", "")
        if not isinstance(key_hint, str) or len(key_hint) > 256:
            raise InputError("a DSSE keyid is a short string")
        return cls(
            PAYLOAD_TYPE,
            decode_base64(fields["payload"], "payload", MAX_STATEMENT_BYTES),
            (decode_base64(signature["sig"], "signature", MAX_SIGNATURE_BYTES),),
            key_hint,
        )

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of the envelope."""
        return {
            "payload": encode_base64(self.payload),
            "payloadType": self.payload_type,
            "signatures": [{"keyid": self.key_hint, "sig": encode_base64(s)} for s in self.signatures],
        }

    @property
    def signed_bytes(self) -> bytes:
        """What the signature covers."""
        return pae(self.payload_type, self.payload)


def exact_fields(
    value: Any, required: set[str], optional: set[str] | frozenset[str] = frozenset(), *, what: str
) -> dict[str, Any]:
    """`value` if it is an object with all of `required` and nothing beyond `optional`. Raises InputError."""
    if not isinstance(value, dict):
        raise InputError(f"{what} is a JSON object")
    missing, unknown = required - value.keys(), value.keys() - required - optional
    if missing or unknown:
        fault = f"no {sorted(missing)[0]!r}" if missing else f"an unknown field {sorted(unknown)[0]!r}"
        raise InputError(f"{what} has {fault}")
    return value


def encode_base64(data: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: Any, what: str, max_bytes: int) -> bytes:
    """Decode canonical standard base64 of 1 to `max_bytes` bytes. Raises InputError."""
    if not isinstance(text, str):
        raise InputError(f"the {what} is a base64 string")
    if len(text) > 4 * (max_bytes // 3 + 1):
        raise LimitExceeded(f"the {what} is over {max_bytes} bytes")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InputError(f"the {what} is not base64") from None
    if not data or encode_base64(data) != text:
        raise InputError(f"the {what} is {'not canonical base64' if data else 'empty'}")
    return data
