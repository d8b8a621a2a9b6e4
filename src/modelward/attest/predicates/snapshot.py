"""snapshot: the rows of a dataset at one moment, by digest (DESIGN section 4, Data)."""

from __future__ import annotations

from typing import ClassVar

from modelward.attest.predicates.base import (
    NAMESPACE,
    Count,
    DigestText,
    NameText,
    Predicate,
    Record,
    TimeText,
)


class Column(Record, frozen=True, kw_only=True):
    """A column and its Arrow type."""

    name: str
    type: str


class Shard(Record, frozen=True, kw_only=True):
    """One file of the dataset: its own digest, its rows, and the ordered Merkle root over them."""

    path: str
    digest: DigestText
    rows: Count
    root: DigestText


class Keyed(Record, frozen=True, kw_only=True):
    """Columns whose cells are hashed with a secret key, and the key's name."""

    columns: tuple[str, ...]
    key_id: str


class Snapshot(Predicate, frozen=True, kw_only=True):
    """Subject: the dataset's bytes (a file's sha256 or a tree's dirHash)."""

    TYPE: ClassVar[str] = f"{NAMESPACE}/snapshot/v1"

    dataset: NameText
    encoding: str
    rows: Count
    #: Rows that differ from each other: the leaves of the set tree.
    distinct: Count | None = None
    columns: tuple[Column, ...]
    keyed: Keyed | None = None
    rows_root: DigestText
    set_root: DigestText
    shards: tuple[Shard, ...]
    #: Files of a tree that hold no rows (a README): bound by the subject, not read.
    unread_files: Count = 0
    index: DigestText
    created_at: TimeText
    supersedes: tuple[DigestText, ...] = ()
