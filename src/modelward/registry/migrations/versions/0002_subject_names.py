"""Subjects' names beside the entries, to find statements by. The log fills the tables anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and empty the tables: the next opening projects the whole log."""
    op.add_column("entries", sa.Column("name", sa.String(256)))
    op.create_index("entries_by_name", "entries", ["name"])
    _empty()


def downgrade() -> None:
    """Drop the column."""
    op.drop_index("entries_by_name", "entries")
    op.drop_column("entries", "name")


def _empty() -> None:
    for table in ("projected", "revocations", "decisions", "releases", "versions", "entries"):
        op.execute(sa.delete(sa.table(table)))
