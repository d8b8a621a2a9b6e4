"""From log entries to rows."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from tests.registry.town import Town

from modelward.attest.bundle import Bundle
from modelward.gate.entry import LogEntry
from modelward.registry import tables
from modelward.registry.database import connect
from modelward.registry.projection import current_release, project, projected_size


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[LogEntry, Bundle]]:
    """The entries of a registry in which a version was denied, released, and released again."""
    town = Town(tmp_path_factory.mktemp("town"))
    path = town.model()
    town.push(path)
    town.promote()
    town.promote_again()
    town.promote_again()
    with town.registry() as registry:
        entries = [LogEntry.parse(data) for data in registry.log.entries()]
        return [(entry, registry.statements.get(entry)) for entry in entries]


def rows(connection: Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() or 0)


def apply(place: Path, history: list[tuple[LogEntry, Bundle]], *, authorised: bool = True) -> sa.Engine:
    engine = connect(place / "registry.db")
    with engine.begin() as connection:
        for position, (entry, bundle) in enumerate(history):
            project(connection, position, entry, bundle, authorised)
    return engine


def test_every_entry_is_counted(tmp_path: Path, history: list[tuple[LogEntry, Bundle]]) -> None:
    engine = apply(tmp_path, history)
    with engine.connect() as connection:
        assert projected_size(connection) == rows(connection, tables.entries) == len(history)
        assert rows(connection, tables.versions) == 1
        assert rows(connection, tables.decisions) == 3
        assert rows(connection, tables.releases) == 2
        current = current_release(connection, "fraud", "production")
        assert current is not None
        assert (current.sequence, current.version, current.gated) == (2, 1, True)
        assert current_release(connection, "fraud", "dev") is None
    engine.dispose()


def test_what_was_not_its_signers_to_say_leaves_only_its_entry(
    tmp_path: Path, history: list[tuple[LogEntry, Bundle]]
) -> None:
    engine = apply(tmp_path, history, authorised=False)
    with engine.connect() as connection:
        assert rows(connection, tables.entries) == len(history)
        for table in (tables.versions, tables.releases, tables.decisions, tables.revocations):
            assert rows(connection, table) == 0
    engine.dispose()


def test_a_stage_statement_that_does_not_continue_its_stage_is_passed_over(
    tmp_path: Path, history: list[tuple[LogEntry, Bundle]]
) -> None:
    """A replayed first release must not take the place of the second."""
    stages = [pair for pair in history if pair[0].type.endswith("/stage/v1")]
    assert len(stages) == 2
    engine = apply(tmp_path, [*history, stages[0]])
    with engine.connect() as connection:
        current = current_release(connection, "fraud", "production")
        assert current is not None
        assert (current.sequence, rows(connection, tables.releases)) == (2, 2)
    engine.dispose()


def test_the_first_statement_of_a_version_stays(
    tmp_path: Path, history: list[tuple[LogEntry, Bundle]]
) -> None:
    version = next(pair for pair in history if pair[0].type.endswith("/version/v1"))
    engine = apply(tmp_path, [*history, version])
    with engine.connect() as connection:
        position = connection.execute(sa.select(tables.versions.c.position)).scalar()
    assert position == history.index(version)
    engine.dispose()


def test_a_new_database_reflects_nothing(tmp_path: Path) -> None:
    engine = connect(tmp_path / "registry.db")
    with engine.connect() as connection:
        assert projected_size(connection) == 0
    engine.dispose()
