"""What the log holds of a statement: digests and a type, never content (DESIGN section 4, Log)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from modelward.attest.bundle import Bundle
from modelward.core import strict_json
from modelward.core.digest import Digest
from modelward.core.errors import InputError

_FIELDS = {"key", "statement", "subject", "type"}
_MAX_BYTES = 4096
#: A key's id becomes part of a file's name: it is nothing but hex.
_KEY = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One signature over one statement.

    The subject and type are in the entry so that an auditor can tell from the log alone which
    statements about an artifact exist, even when somebody withholds them.
    """

    statement: Digest
    key: str
    subject: Digest
    type: str

    @classmethod
    def of(cls, bundle: Bundle) -> LogEntry:
        """The entry that records this bundle."""
        statement = bundle.statement
        return cls(bundle.statement_id, bundle.key_id, statement.subject, statement.predicate_type)

    @classmethod
    def parse(cls, data: bytes) -> LogEntry:
        """Read an entry; only the canonical form is accepted. Raises InputError."""
        value = strict_json.loads(data, what="log entry", max_bytes=_MAX_BYTES)
        if (
            not isinstance(value, dict)
            or set(value) != _FIELDS
            or not all(isinstance(field, str) for field in value.values())
        ):
            raise InputError("a log entry has exactly key, statement, subject and type")
        entry = cls(
            Digest.parse(value["statement"]), value["key"], Digest.parse(value["subject"]), value["type"]
        )
        if entry.statement.algorithm != "sha256" or not _KEY.match(entry.key):
            raise InputError("a log entry names statement and key by SHA-256")
        if entry.to_bytes() != data:
            raise InputError("a log entry must be canonical JSON")
        return entry

    def to_bytes(self) -> bytes:
        """The canonical JSON that the log stores."""
        return entry_bytes(str(self.statement), self.key, str(self.subject), self.type)


def entry_bytes(statement: str, key: str, subject: str, type_uri: str) -> bytes:
    """The canonical JSON of an entry from its texts, whether they make sense or not."""
    return strict_json.dumps({"key": key, "statement": statement, "subject": subject, "type": type_uri})
