"""The tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "entries",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("statement", sa.String(80), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("type", sa.String(200), nullable=False),
    )
    op.create_index("entries_by_subject", "entries", ["subject", "type"])
    op.create_index("entries_by_statement", "entries", ["statement"])
    op.create_table(
        "versions",
        sa.Column("model", sa.String(128), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("artifact", sa.String(80), nullable=False),
        sa.Column("author", sa.String(128), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("statement", sa.String(80), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
    )
    op.create_index("versions_by_artifact", "versions", ["artifact"])
    _create_releases()
    op.create_table(
        "decisions",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("model", sa.String(128), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("stage", sa.String(128), nullable=False),
        sa.Column("result", sa.String(16), nullable=False),
        sa.Column("requested_by", sa.String(128), nullable=False),
        sa.Column("decided_at", sa.String(32), nullable=False),
        sa.Column("statement", sa.String(80), nullable=False),
    )
    op.create_index("decisions_by_model", "decisions", ["model", "stage"])
    op.create_table(
        "revocations",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.Column("compromised_at", sa.String(32)),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("statement", sa.String(80), nullable=False),
    )
    op.create_index("revocations_by_digest", "revocations", ["digest"])
    op.create_table(
        "projected",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.Integer, nullable=False),
    )


def _create_releases() -> None:
    op.create_table(
        "releases",
        sa.Column("model", sa.String(128), primary_key=True),
        sa.Column("stage", sa.String(128), primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("artifact", sa.String(80), nullable=False),
        sa.Column("release", sa.String(80), nullable=False),
        sa.Column("statement", sa.String(80), nullable=False),
        sa.Column("decision", sa.String(80), nullable=False),
        sa.Column("gated", sa.Boolean, nullable=False),
        sa.Column("issued_at", sa.String(32), nullable=False),
        sa.Column("expires", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.UniqueConstraint("statement"),
    )


def downgrade() -> None:
    """Drop the tables; the log rebuilds them."""
    for table in ("projected", "revocations", "decisions", "releases", "versions", "entries"):
        op.drop_table(table)
