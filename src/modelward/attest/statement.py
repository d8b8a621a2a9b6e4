"""in-toto Statement v1 with exactly one subject.

Source: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from modelward.attest.predicates import PREDICATES, AnyPredicate
from modelward.core import strict_json
from modelward.core.digest import Digest
from modelward.core.errors import InputError

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"

#: A statement larger than this is refused.
MAX_STATEMENT_BYTES = 32 << 20

P = TypeVar("P", bound=AnyPredicate)


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim of one type about one subject. Not yet signed, not yet believed."""

    name: str
    subject: Digest
    predicate_type: str
    predicate: Mapping[str, Any]

    @classmethod
    def of(cls, name: str, subject: Digest, predicate: AnyPredicate) -> Statement:
        """Make a statement from a typed predicate."""
        return cls(name, subject, predicate.TYPE, strict_json.loads(msgspec.json.encode(predicate)))

    def typed(self, kind: type[P]) -> P:
        """The predicate as `kind`. Raises InputError if the type or a field does not fit."""
        if self.predicate_type != kind.TYPE:
            raise InputError(f"expected a statement of type {kind.TYPE}, got {self.predicate_type}")
        try:
            return msgspec.convert(self.predicate, kind, strict=True)
        except msgspec.ValidationError as error:
            raise InputError(f"{kind.TYPE}: {error}") from error

    def to_bytes(self) -> bytes:
        """The canonical JSON payload."""
        return strict_json.dumps(
            {
                "_type": STATEMENT_TYPE,
                "subject": [{"name": self.name, "digest": self.subject.as_set()}],
                "predicateType": self.predicate_type,
                "predicate": self.predicate,
            }
        )

    @classmethod
    def from_bytes(cls, payload: bytes) -> Statement:
        """Parse strictly. Known predicate types are checked field by field. Raises InputError."""
        value = strict_json.loads(payload, what="statement", max_bytes=MAX_STATEMENT_BYTES)
        if not isinstance(value, dict) or set(value) != {
            "_type",
            "subject",
            "predicateType",
            "predicate",
        }:
            raise InputError("a statement has exactly _type, subject, predicateType and predicate")
        if value["_type"] != STATEMENT_TYPE:
            raise InputError(f"not an in-toto Statement v1: {value['_type']!r}")
        name, digest = _subject(value["subject"])
        if not isinstance(value["predicateType"], str) or not isinstance(value["predicate"], dict):
            raise InputError("predicateType must be a string and predicate an object")
        statement = cls(name, digest, value["predicateType"], value["predicate"])
        kind = PREDICATES.get(statement.predicate_type)
        if kind is not None:
            statement.typed(kind)
        return statement


def _subject(subjects: Any) -> tuple[str, Digest]:
    if not isinstance(subjects, list) or len(subjects) != 1:
        raise InputError("a statement must have exactly one subject")
    subject = subjects[0]
    if not isinstance(subject, dict) or set(subject) != {"name", "digest"}:
        raise InputError("a subject has exactly a name and a digest")
    name, digest = subject["name"], subject["digest"]
    if not isinstance(name, str) or not isinstance(digest, dict):
        raise InputError("a subject has a string name and a digest set")
    if not all(isinstance(value, str) for value in digest.values()):
        raise InputError("a digest is a string")
    return name, Digest.from_set(digest)
