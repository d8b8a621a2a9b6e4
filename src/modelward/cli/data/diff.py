"""`modelward data diff`: what was added to a dataset and removed from it, and by whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli import output
from modelward.cli.data.options import JSON, PATH
from modelward.cli.row_difference import counted
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.data.diff import Difference, Group, Groups, NamedRow
    from modelward.data.index import Index

#: Values of a label that are listed.
LISTED_GROUPS = 20


@click.command()
@click.argument("old", type=PATH)
@click.argument("new", type=PATH)
@click.option(
    "--by",
    metavar="LABEL[:COLUMN]",
    multiple=True,
    help="Count by contributor, source, time or label (default: by all that the indexes have).",
)
@click.option("--registry", metavar="DIR", type=PATH, help="The registry that holds the signed snapshots.")
@JSON
def diff(old: Path, new: Path, by: tuple[str, ...], registry: Path | None, as_json: bool) -> None:
    """Compare two snapshots by their indexes: which rows were added, removed and kept, and whose they are.

    OLD and NEW are indexes, or data beside which an index lies; the data itself is not read. Where a
    registry is named, both must be those of signed snapshots.
    """
    from modelward.cli.data.indexes import open_named
    from modelward.cli.data.publishing import signer_of
    from modelward.data.diff import diff as compare

    (former, former_place), (latter, latter_place) = open_named(old), open_named(new)
    with former, latter:
        signers = [signer_of(former, former_place, registry), signer_of(latter, latter_place, registry)]
        for index, signer in zip((former, latter), signers, strict=True):
            if signer is None:  # nobody's word that its lines are those of its root
                _check(index)
        found = compare(former, latter, by or None)
    if as_json:
        output.answer_json(_as_object(found, signers))
        return
    output.answer("\n".join(_lines(found)))
    for name, signer in zip((former_place.name, latter_place.name), signers, strict=True):
        if signer is not None:
            output.answer(f"{escape(name)}: snapshot signed by {escape(signer)}")
    if None in signers:
        output.note("not checked: who made the indexes; no registry is named")


def _check(index: Index) -> None:
    from modelward.data.engine import connect
    from modelward.data.index_file import check_set

    with connect(None, index.distinct * 32) as engine:
        check_set(index, engine)


def _lines(found: Difference) -> Iterator[str]:
    names = f"{escape(found.old.name)} -> {escape(found.new.name)}"
    if not found.added and not found.removed:
        order = "in the same order" if found.same_order else "in another order"
        yield f"{names}: the same {counted(found.kept, 'row')}, {order}"
        return
    yield f"{names}: {found.added:,} added, {found.removed:,} removed, {found.kept:,} kept"
    for groups in found.by:
        yield from _table(groups)
    yield from _named("added", found.first_added, found.added)
    yield from _named("removed", found.first_removed, found.removed)


def _table(groups: Groups) -> Iterator[str]:
    unit = f", by {groups.unit}" if groups.unit else ""
    yield f"by {groups.kind} ({escape(groups.column)}{unit})"
    shown = [(_shown(group), group) for group in groups.groups[:LISTED_GROUPS]]
    rest = [*groups.groups[LISTED_GROUPS:], *([groups.others] if groups.others else [])]
    if rest:
        values = f"{len(groups.groups) - len(shown):,}{' and more' if groups.others else ''}"
        shown.append((f"({values} others)", _sum(rest)))
    width = max(len(name) for name, _ in shown) if shown else 0
    yield f"  {'':<{width}}  {'added':>11}  {'removed':>11}  {'kept':>11}"
    for name, group in shown:
        yield f"  {name:<{width}}  {group.added:>11,}  {group.removed:>11,}  {group.kept:>11,}"


def _shown(group: Group) -> str:
    """A value; quoted where it could be taken for none, or for a note of ours."""
    if group.value is None:
        return "(none)"
    text = escape(group.value, limit=60)
    plain = text and text == text.strip() and not text.startswith("(")
    return text if plain else repr(group.value[:60])


def _sum(groups: Iterable[Group]) -> Group:
    from modelward.data.diff import Group

    listed = list(groups)
    return Group(
        None,
        sum(group.added for group in listed),
        sum(group.removed for group in listed),
        sum(group.kept for group in listed),
    )


def _named(what: str, rows: Iterable[NamedRow], total: int) -> Iterator[str]:
    told = 0
    for row in rows:
        told += row.copies
        copies = counted(row.copies, "copy").replace("copys", "copies")
        more = f", {copies}" if row.copies > 1 else ""
        if row.kept:
            more = f", {copies} of it; {row.kept:,} kept"
        yield f"  {what:<8} {escape(str(row.place))} ({row.digest.short}){more}"
    if told < total:
        yield f"  {what:<8} and {total - told:,} more"


def _as_object(found: Difference, signers: list[str | None]) -> dict[str, Any]:
    def group(one: Group) -> dict[str, Any]:
        return {"value": one.value, "added": one.added, "removed": one.removed, "kept": one.kept}

    def named(rows: Iterable[NamedRow]) -> list[dict[str, Any]]:
        return [
            {
                "shard": row.place.shard,
                "row": row.place.row,
                "digest": str(row.digest),
                "copies": row.copies,
                "copiesKept": row.kept,
            }
            for row in rows
        ]

    return {
        "old": {"subject": str(found.old.subject), "rows": found.old.rows, "signedBy": signers[0]},
        "new": {"subject": str(found.new.subject), "rows": found.new.rows, "signedBy": signers[1]},
        "added": found.added,
        "removed": found.removed,
        "kept": found.kept,
        "sameOrder": found.same_order,
        "by": [
            {
                "label": groups.kind,
                "column": groups.column,
                "unit": groups.unit or None,
                "groups": [group(one) for one in groups.groups],
                "others": None if groups.others is None else group(groups.others),
            }
            for groups in found.by
        ],
        "firstAdded": named(found.first_added),
        "firstRemoved": named(found.first_removed),
    }
