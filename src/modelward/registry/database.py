"""The projection's database: opened, and migrated only when its schema is not the newest."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, ExceptionContext

from modelward.core.errors import InputError

#: The newest migration under registry/migrations/versions; a test compares it with alembic's head.
HEAD = "0002"

#: SQLite's names for errors that are not the file's fault.
_NOT_DAMAGED = ("SQLITE_BUSY", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_IOERR")
_NOT_DAMAGED_HELP = "check that you may write there, that the disk has room, and that nobody holds the file"


def connect(path: Path) -> Engine:
    """Open the SQLite database at `path`, creating or migrating it.

    Raises InputError for a damaged file, now and in whatever is done with the engine later.
    """
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))

    def explain(context: ExceptionContext) -> None:
        """Say in terms of the registry what went wrong with the database."""
        code = getattr(context.original_exception, "sqlite_errorname", "")
        damaged = not any(code.startswith(name) for name in _NOT_DAMAGED)
        raise InputError(
            f"the database cannot be used: {context.original_exception}",
            where=str(path),
            help="move it away: the log rebuilds it" if damaged else _NOT_DAMAGED_HELP,
        ) from context.original_exception

    sa.event.listen(engine, "connect", _durable)
    sa.event.listen(engine, "handle_error", explain)
    try:
        if _revision(engine) != HEAD:
            _migrate(engine)
    except InputError:
        engine.dispose()
        raise
    return engine


def lock(connection: Connection) -> None:
    """Begin a transaction that no other process writes beside, before anything is read in it."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _durable(connection: Any, record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        found = connection.execute(
            sa.text("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'")
        ).first()
        if found is None:
            return None
        row = connection.execute(sa.text("SELECT version_num FROM alembic_version")).first()
        return None if row is None else str(row[0])


def _migrate(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    with resources.as_file(resources.files("modelward.registry") / "migrations") as scripts:
        config.set_main_option("script_location", str(scripts))
        with engine.begin() as connection:
            lock(connection)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
