"""The SQL tables: a projection of the log, rebuilt from it by `modelward registry replay`."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, String, Table, UniqueConstraint

metadata = MetaData()

#: Every entry of the log, by index.
entries = Table(
    "entries",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("statement", String(80), nullable=False),
    Column("key", String(64), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("type", String(200), nullable=False),
    #: What the statement calls its subject: to find statements by, never to decide by.
    Column("name", String(256)),
    Index("entries_by_subject", "subject", "type"),
    Index("entries_by_statement", "statement"),
    Index("entries_by_name", "name"),
)

#: The first authorised version statement for each model and number.
versions = Table(
    "versions",
    metadata,
    Column("model", String(128), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("artifact", String(80), nullable=False),
    Column("author", String(128), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("statement", String(80), nullable=False),
    Column("position", Integer, nullable=False),
    Index("versions_by_artifact", "artifact"),
)

#: Every stage statement that continued its stage's sequence.
releases = Table(
    "releases",
    metadata,
    Column("model", String(128), primary_key=True),
    Column("stage", String(128), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("artifact", String(80), nullable=False),
    Column("release", String(80), nullable=False),
    Column("statement", String(80), nullable=False),
    Column("decision", String(80), nullable=False),
    Column("gated", Boolean, nullable=False),
    Column("issued_at", String(32), nullable=False),
    Column("expires", String(32), nullable=False),
    Column("position", Integer, nullable=False),
    UniqueConstraint("statement"),
)

#: Every decision of the gate, allowed and denied.
decisions = Table(
    "decisions",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("model", String(128), nullable=False),
    Column("version", Integer, nullable=False),
    Column("stage", String(128), nullable=False),
    Column("result", String(16), nullable=False),
    Column("requested_by", String(128), nullable=False),
    Column("decided_at", String(32), nullable=False),
    Column("statement", String(80), nullable=False),
    Index("decisions_by_model", "model", "stage"),
)

#: Every authorised revocation.
revocations = Table(
    "revocations",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("digest", String(80), nullable=False),
    Column("compromised_at", String(32)),
    Column("reason", String, nullable=False),
    Column("statement", String(80), nullable=False),
    Index("revocations_by_digest", "digest"),
)

#: How many entries of the log the tables reflect: one row.
projected = Table(
    "projected",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", Integer, nullable=False),
)
