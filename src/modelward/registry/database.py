"""The projection's database: opened, and migrated only when its schema is not the newest."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from modelward.core.errors import InputError

#: The newest migration under registry/migrations/versions; a test compares it with alembic's head.
HEAD = "0001"


def connect(path: Path) -> Engine:
    """Open the SQLite database at `path`, creating or migrating it. Raises InputError for a damaged file."""
    engine = sa.create_engine(f"sqlite:///{path}")
    sa.event.listen(engine, "connect", _durable)
    try:
        if _revision(engine) != HEAD:
            _migrate(engine)
    except sa.exc.DatabaseError as error:
        engine.dispose()
        raise InputError(
            f"the database cannot be read: {error.orig}",
            where=str(path),
            help="move it away and run modelward registry replay: the log rebuilds it",
        ) from error
    return engine


def _durable(connection: Any, record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=30000")
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
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
