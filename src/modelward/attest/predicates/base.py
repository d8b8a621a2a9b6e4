"""What every predicate is made of: one struct per type, from which its JSON schema is generated."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec

from modelward.core import instant

#: Where our own predicate types live.
NAMESPACE = "https://modelward.dev/attestation"

# Python's `$` also matches before a last newline, a JSON schema's does not: `(?!\n)` makes them equal.

#: `sha256:HEX` or `dirHash:HEX`.
DigestText = Annotated[str, msgspec.Meta(pattern=r"^(sha256|dirHash):[0-9a-f]{64}$(?!\n)")]
#: UTC, whole seconds, `Z`.
TimeText = Annotated[str, msgspec.Meta(pattern=instant.PATTERN)]
#: A model, stage, dataset, principal or rule name.
NameText = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$(?!\n)")]
#: The SHA-256 of a key's SubjectPublicKeyInfo (DER).
KeyId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
#: 128 random bits, so that no two acts are the same statement.
Nonce = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}$(?!\n)")]
Count = Annotated[int, msgspec.Meta(ge=0)]
Ordinal = Annotated[int, msgspec.Meta(ge=1)]
Prose = Annotated[str, msgspec.Meta(max_length=10_000)]


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A part of a predicate of ours. Unknown fields are refused."""


class Predicate(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A predicate of ours. `TYPE` is its URI."""

    TYPE: ClassVar[str]


class Named(Record, frozen=True, kw_only=True):
    """A thing that is meant by digest, with a name for people."""

    name: Annotated[str, msgspec.Meta(max_length=1024)]
    digest: DigestText


class ForeignRecord(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A part of somebody else's predicate. Unknown fields are ignored, as in-toto asks."""


class ForeignPredicate(ForeignRecord, frozen=True, kw_only=True, omit_defaults=True):
    """A predicate of a public standard. `TYPE` is its URI."""

    TYPE: ClassVar[str]


class ResourceDescriptor(ForeignRecord, frozen=True, kw_only=True, omit_defaults=True):
    """in-toto ResourceDescriptor v1."""

    name: str = ""
    uri: str = ""
    digest: dict[str, str] = msgspec.field(default_factory=dict)
    media_type: str = ""
    annotations: dict[str, Any] = msgspec.field(default_factory=dict)
