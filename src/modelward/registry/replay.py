"""Rebuilding the tables from the log, and telling where the present ones differ."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from modelward.core import atomic
from modelward.registry import tables
from modelward.registry.database import connect
from modelward.registry.local import Registry


def replay(registry: Registry) -> list[str]:
    """Build the tables anew from the log, compare them with the present ones, and put the new in place.

    Gives one line for each row that differed; none means that the tables were a true projection.
    """
    with registry.exclusive():
        registry.sync()
        return _replay(registry)


def _replay(registry: Registry) -> list[str]:
    with tempfile.TemporaryDirectory(dir=registry.layout.directory) as scratch:
        fresh_path = Path(scratch) / "registry.db"
        fresh = connect(fresh_path)
        with fresh.begin() as connection:
            registry.project_range(connection, 0, registry.log.size)
        differences = [
            line
            for table in tables.metadata.sorted_tables
            for line in _compare(registry.engine, fresh, table)
        ]
        _close(fresh)
        if differences:
            _close(registry.engine)
            for suffix in ("-wal", "-shm"):
                registry.layout.database.with_name(registry.layout.database.name + suffix).unlink(
                    missing_ok=True
                )
            os.replace(fresh_path, registry.layout.database)
            atomic.fsync_directory(registry.layout.directory)
            registry.engine = connect(registry.layout.database)
    return differences


def _close(engine: Engine) -> None:
    """Fold the write-ahead file into the database and let go of it."""
    with engine.connect() as connection:
        connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()


def _compare(present: Engine, fresh: Engine, table: sa.Table) -> list[str]:
    have, want = _rows(present, table), _rows(fresh, table)
    lines = [f"{table.name}: row {key} should not be there" for key in have if key not in want]
    lines += [f"{table.name}: row {key} was missing" for key in want if key not in have]
    for key, row in want.items():
        if key in have and have[key] != row:
            changed = [name for name, value in row.items() if have[key][name] != value]
            lines.append(f"{table.name}: row {key} was changed in {', '.join(changed)}")
    return lines


def _rows(engine: Engine, table: sa.Table) -> dict[tuple[Any, ...], dict[str, Any]]:
    keys = [column.name for column in table.primary_key.columns]
    with engine.connect() as connection:
        rows = [dict(row._mapping) for row in connection.execute(sa.select(table))]
    return {tuple(row[key] for key in keys): row for row in rows}
