"""The tables are what the log says, and replay makes them so."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from tests.registry.town import Town

from modelward.registry import tables
from modelward.registry.database import HEAD
from modelward.registry.replay import replay


def test_a_replay_of_an_honest_registry_is_equal(town: Town) -> None:
    town.released()
    with town.registry() as registry:
        assert replay(registry) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            sa.update(tables.releases).values(version=99),
            "releases: row ('fraud', 'production', 1) was changed in version",
        ),
        (sa.delete(tables.versions), "versions: row ('fraud', 1) was missing"),
        (
            sa.insert(tables.decisions).values(
                position=999,
                model="fraud",
                version=1,
                stage="production",
                result="PASSED",
                requested_by="mallory",
                decided_at="2026-11-22T00:00:00Z",
                statement="sha256:" + "0" * 64,
            ),
            "decisions: row (999,) should not be there",
        ),
    ],
)
def test_an_edited_table_is_named_and_mended(town: Town, change: sa.Executable, said: str) -> None:
    town.released()
    with town.registry() as registry:
        with registry.engine.begin() as connection:
            connection.execute(change)
        assert replay(registry) == [said]
        assert replay(registry) == []
        current = registry.current("fraud", "production")
        assert current is not None
        assert current.version == 1


def test_a_lost_database_comes_back_from_the_log(town: Town) -> None:
    town.released()
    for path in town.directory.glob("registry.db*"):
        path.unlink()
    with town.registry() as registry:
        assert registry.current("fraud", "production") is not None
        assert replay(registry) == []


def test_the_newest_migration_is_the_one_the_program_expects() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "modelward.registry:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_the_migrations_make_the_tables_of_the_program(town: Town) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with town.registry() as registry, registry.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, tables.metadata) == []


def test_tables_of_an_earlier_schema_are_filled_anew(town: Town) -> None:
    town.released()
    with town.registry() as registry, registry.engine.begin() as connection:
        for statement in (
            "DROP INDEX entries_by_name",
            "ALTER TABLE entries DROP COLUMN name",
            "UPDATE alembic_version SET version_num = '0001'",
        ):
            connection.execute(sa.text(statement))
    with town.registry() as registry:
        assert replay(registry) == []
        assert registry.statements_named("fraud@1")
