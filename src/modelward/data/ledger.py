"""Where the statements of a recorded step go. Signing is not done here: the caller passes what does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from modelward.core import strict_json
from modelward.core.digest import Digest
from modelward.data.index import Index

#: The form of unsigned statements; attest/ has the same names, and a test holds them together.
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
SNAPSHOT_TYPE = "https://modelward.dev/attestation/snapshot/v1"
CUSTODY_TYPE = "https://modelward.dev/attestation/custody/v1"


class Fact(NamedTuple):
    """A statement to be: about what, of which type, and what it says."""

    name: str
    subject: Digest
    type: str
    predicate: dict[str, Any]

    def to_bytes(self) -> bytes:
        """As an unsigned in-toto statement."""
        return strict_json.dumps(
            {
                "_type": STATEMENT_TYPE,
                "subject": [{"name": self.name, "digest": self.subject.as_set()}],
                "predicateType": self.type,
                "predicate": self.predicate,
            }
        )


class Ledger(Protocol):
    """What takes the facts of a step, and knows what was signed before."""

    #: What `record` gives: the last part of the file's name.
    suffix: str

    def snapshot_of(self, index: Index) -> Digest | None:
        """The signed snapshot that a dataset agrees with, None where there is none. Raises Rejected."""

    def record(self, facts: Sequence[Fact]) -> Sequence[bytes]:
        """Sign or publish the facts, all or none; a line for each, to be kept beside the data."""


class Unsigned:
    """Writes the statements as they are, for somebody to sign."""

    suffix = "statements.jsonl"

    def snapshot_of(self, index: Index) -> Digest | None:
        """Nothing is known."""
        return None

    def record(self, facts: Sequence[Fact]) -> Sequence[bytes]:
        """The statements, unsigned."""
        return [fact.to_bytes() for fact in facts]
