"""Tables that somebody edited: nothing is decided by them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from tests.registry.town import Town

from modelward.attest import predicates as p
from modelward.attest.bundle import sign_statement
from modelward.attest.statement import Statement
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.errors import Rejected
from modelward.registry import promote, status, tables
from modelward.registry.replay import replay


def edit(town: Town, change: sa.Executable) -> None:
    """What somebody does who may write to the database, and has no key."""
    with town.registry() as registry, registry.engine.begin() as connection:
        connection.execute(change)


def refused(town: Town, table: str, number: int = 1) -> None:
    with town.registry() as registry:
        with pytest.raises(Rejected, match=f"table of {table} is not what the log says"):
            promote.candidate(registry, "fraud", number, "production")
        with pytest.raises(Rejected, match=f"table of {table} is not what the log says"):
            status.issue(registry)
    with pytest.raises(Rejected, match="is not what the log says"):
        town.promote(number)
    with town.registry() as registry:
        assert replay(registry)
        status.issue(registry)


def scan(town: Town, artifact: Digest) -> None:
    town.say(
        "sam",
        artifact,
        p.Scan(
            scanner={"name": "s", "version": "1", "ruleset": str(artifact)},  # type: ignore[arg-type]
            verdict="malicious",
            files=1,
            examined=1,
            scanned_at="2026-11-22T00:00:00Z",
        ),
    )


def test_a_bad_scan_that_is_deleted_from_the_tables(town: Town) -> None:
    scan(town, town.push(town.model()))
    edit(town, sa.delete(tables.entries).where(tables.entries.c.type == p.Scan.TYPE))
    refused(town, "entries")


def test_a_bad_scan_that_is_moved_to_another_artifact(town: Town) -> None:
    scan(town, town.push(town.model()))
    other = str(Digest.sha256(b"other"))
    edit(town, sa.update(tables.entries).where(tables.entries.c.type == p.Scan.TYPE).values(subject=other))
    refused(town, "entries")


@pytest.mark.parametrize(
    "change",
    [
        sa.delete(tables.revocations),
        sa.update(tables.revocations).values(digest="sha256:" + "0" * 64),
        sa.update(tables.revocations).values(kind="release"),
        sa.update(tables.revocations).values(compromised_at="2099-01-01T00:00:00Z"),
    ],
)
def test_a_revocation_that_is_taken_out_of_the_tables(town: Town, change: sa.Executable) -> None:
    town.revoke("artifact", town.push(town.model()))
    edit(town, change)
    refused(town, "revocations")


@pytest.mark.parametrize(
    "change",
    [
        sa.delete(tables.releases),
        sa.delete(tables.releases).where(tables.releases.c.sequence == 2),
        sa.update(tables.releases).where(tables.releases.c.sequence == 2).values(sequence=9),
        sa.update(tables.releases).where(tables.releases.c.sequence == 2).values(version=1),
    ],
)
def test_a_stage_that_is_turned_back_in_the_tables(town: Town, change: sa.Executable) -> None:
    town.released()
    town.push(town.model("next", weights=b"x"), number=2)
    town.approve(release=town.release(number=2))
    assert town.promote(2).sequence == 2
    edit(town, change)
    refused(town, "releases")


def test_a_revocation_of_what_was_logged_later_is_no_contradiction(town: Town) -> None:
    """An administrator must not be able to stop the registry by revoking a revocation in advance."""
    artifact = town.push(town.model())
    act = p.Revocation(
        registry=str(town.pin),
        kind="artifact",
        reason="it leaks",
        issued_at=instant.render(instant.now()),
        nonce="1" * 32,
    )
    later = sign_statement(Statement.of("fraud", artifact, act), town.signers["ruth"])
    town.revoke("statement", later.statement_id)
    with town.registry() as registry:
        registry.publish([later])
        promote.candidate(registry, "fraud", 1, "production")
        assert replay(registry) == []
