"""The projection's database: opened, migrated, and its errors told in words."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from modelward.core.errors import InputError
from modelward.registry import database, tables
from modelward.registry.database import HEAD, connect, lock


def test_a_new_database_has_the_tables_and_the_newest_revision(tmp_path: Path) -> None:
    engine = connect(tmp_path / "registry.db")
    assert set(sa.inspect(engine).get_table_names()) == {*tables.metadata.tables, "alembic_version"}
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == HEAD
    engine.dispose()


def test_writes_survive_a_crash(tmp_path: Path) -> None:
    engine = connect(tmp_path / "registry.db")
    with engine.connect() as connection:
        assert connection.execute(sa.text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(sa.text("PRAGMA synchronous")).scalar() == 2  # FULL
    engine.dispose()


@pytest.mark.parametrize("name", ["a b.db", "a?b=c.db", "a#b.db", "%41.db"])
def test_any_path_is_a_path_and_no_url(tmp_path: Path, name: str) -> None:
    connect(tmp_path / name).dispose()
    assert (tmp_path / name).is_file()


@pytest.mark.parametrize("content", [b"garbage" * 1000, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_file_that_is_none_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "registry.db"
    path.write_bytes(content)
    with pytest.raises(InputError, match="the database cannot be used") as caught:
        connect(path)
    assert (caught.value.where, caught.value.help) == (str(path), "move it away: the log rebuilds it")


def test_a_place_that_cannot_be_opened_is_not_called_damaged(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        connect(tmp_path)
    assert caught.value.help is not None
    assert caught.value.help.startswith("check that you may write there")


def test_an_error_in_later_use_is_told_the_same_way(tmp_path: Path) -> None:
    engine = connect(tmp_path / "registry.db")
    with closing(sqlite3.connect(tmp_path / "registry.db")) as other:
        other.execute("DROP TABLE versions")
        other.commit()
    with pytest.raises(InputError, match="no such table: versions"), engine.connect() as connection:
        connection.execute(sa.select(tables.versions))
    engine.dispose()


def test_a_locked_transaction_reads_what_nobody_changes(tmp_path: Path) -> None:
    engine = connect(tmp_path / "registry.db")
    with engine.begin() as connection:
        lock(connection)
        with (
            closing(sqlite3.connect(tmp_path / "registry.db", timeout=0)) as other,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            other.execute("INSERT INTO projected VALUES (1, 1)")
    engine.dispose()


def test_several_may_make_the_database_at_once(tmp_path: Path) -> None:
    failures: list[BaseException] = []

    def open_it() -> None:
        try:
            connect(tmp_path / "registry.db").dispose()
        except InputError as error:
            failures.append(error)

    # alembic's context is one per process, so only one thread migrates; processes are tested by the CLI
    connect(tmp_path / "registry.db").dispose()
    threads = [threading.Thread(target=open_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_an_opened_database_is_not_migrated_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alembic costs a second of every command."""
    connect(tmp_path / "registry.db").dispose()

    def never(engine: object) -> None:
        raise AssertionError("migrated again")

    monkeypatch.setattr(database, "_migrate", never)
    connect(tmp_path / "registry.db").dispose()
