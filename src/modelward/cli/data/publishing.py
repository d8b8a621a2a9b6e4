"""Statements about datasets: made, signed and published, or written to a file unsigned."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelward.cli import output
from modelward.core.errors import InputError, Rejected
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.attest.predicates import AnyPredicate
    from modelward.attest.statement import Statement
    from modelward.core.digest import Digest
    from modelward.data.index import Index


def statement_of(
    name: str, subject: Digest, kind: type[AnyPredicate], predicate: dict[str, Any]
) -> Statement:
    """The statement, checked field by field. Raises InputError."""
    from modelward.attest.statement import Statement

    made = Statement(name, subject, kind.TYPE, predicate)
    return Statement.of(name, subject, made.typed(kind))


def check_destination(out: Path | None, registry: Path | None) -> None:
    """Before a long reading, not after it: is there a place for statements? Raises UsageError."""
    from modelward.cli.publish import registry_directory

    if out is None:
        registry_directory(registry)


def publish(
    statements: Sequence[Statement], out: Path | None, registry: Path | None, key: str | None
) -> list[dict[str, Any]]:
    """Sign and publish the statements, all or none, or write them to `out`, a line each."""
    from modelward.cli.home import Home
    from modelward.cli.publish import open_registry, signed
    from modelward.core import atomic

    if out is not None:
        try:
            atomic.write_bytes(out, b"".join(statement.to_bytes() + b"\n" for statement in statements))
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", where=str(out)) from None
        return []
    signer = Home.open().signer(key)
    with open_registry(registry) as opened:
        entries = opened.publish([signed(statement, signer) for statement in statements])
    return [{"id": str(entry.id), "index": entry.index} for entry in entries]


def answer_published(published: list[dict[str, Any]], out: Path | None) -> None:
    """Print where the statements went."""
    for entry in published:
        output.answer(f"statement {entry['id']}, log entry {entry['index']}")
    if out is not None:
        output.answer(f"statement written to {escape(str(out))}, unsigned")


def signer_of(expected: Index, place: Path, registry: Path | None) -> str | None:
    """The signer of a snapshot with this index; None without a registry. Raises Rejected if nobody signed."""
    from modelward.artifact.hashing import hash_file
    from modelward.attest.predicates import Snapshot
    from modelward.cli.config import load_config
    from modelward.cli.publish import open_evidence

    if registry is None and load_config().registry is None:
        return None
    digest = str(hash_file(place))
    with open_evidence(registry) as evidence:
        for verified in evidence.statements_about(expected.subject):
            statement = verified.statement
            if statement.predicate_type == Snapshot.TYPE and statement.typed(Snapshot).index == digest:
                return verified.principal.name
    raise Rejected(
        f"no signed snapshot has this index ({digest})",
        where=str(place),
        help="restore the index of the recorded snapshot; it may have been replaced together with the data",
    )
