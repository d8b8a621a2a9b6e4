"""The fields of a dataset, from its snapshots and its chain of custody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modelward.attest.predicates import Custody, Snapshot
from modelward.attest.verify import VerifiedStatement
from modelward.bom.evidence import Evidence
from modelward.bom.model import Component, Fact, Grade, Kind
from modelward.core.digest import Digest
from modelward.core.errors import LimitExceeded

MAX_SHARDS = 100
MAX_CHAIN = 1000


def dataset_facts(
    digest: Digest, evidence: Evidence
) -> tuple[tuple[Fact, ...], str, tuple[Component, ...], str]:
    """Facts, the dataset's name ("" if unknown), what it was made from, and the statement that names it."""
    facts: list[Fact] = []
    name = source = ""
    for verified, snapshot in evidence.about(digest, Snapshot):
        name, source = snapshot.dataset, str(verified.id)
        facts += [
            Fact(field, value, Grade.ATTESTED, source) for field, value in _snapshot(digest, snapshot).items()
        ]
    ancestors: dict[Digest, Component] = {}
    for place, verified, custody in _chain(digest, evidence):
        if place == digest:
            name, source = name or custody.dataset, source or str(verified.id)
        else:
            ancestors.setdefault(place, _ancestor(place, custody.dataset, str(verified.id)))
        for named in custody.inputs:
            ancestors.setdefault(
                Digest.parse(named.digest), _ancestor(Digest.parse(named.digest), named.name, "")
            )
        facts += _custody(verified, custody)
    if name and not any(fact.field == "DP-01" for fact in facts):
        facts.append(Fact("DP-01", {"name": name}, Grade.ATTESTED, source))
    return tuple(facts), name, tuple(ancestors.values()), source


def _snapshot(digest: Digest, snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    return {
        "DP-01": {"name": snapshot.dataset},
        "DP-03": {
            "rows": snapshot.rows,
            "columns": [{"name": column.name, "type": column.type} for column in snapshot.columns],
        },
        "DP-05": {
            "digest": str(digest),
            "rowsRoot": snapshot.rows_root,
            "setRoot": snapshot.set_root,
            "index": snapshot.index,
            "shardCount": len(snapshot.shards),
            "shards": [
                {"path": shard.path, "digest": shard.digest, "root": shard.root}
                for shard in snapshot.shards[:MAX_SHARDS]
            ],
        },
    }


def _chain(digest: Digest, evidence: Evidence) -> Iterator[tuple[Digest, VerifiedStatement, Custody]]:
    """The custody statements behind a dataset, nearest first. Raises LimitExceeded past MAX_CHAIN."""
    frontier, seen = [digest], {digest}
    while frontier:
        place = frontier.pop(0)
        for verified, custody in evidence.about(place, Custody):
            yield place, verified, custody
            for named in custody.inputs:
                before = Digest.parse(named.digest)
                if before not in seen:
                    seen.add(before)
                    frontier.append(before)
        if len(seen) > MAX_CHAIN:
            raise LimitExceeded(f"a dataset with more than {MAX_CHAIN} ancestors")


def _custody(verified: VerifiedStatement, custody: Custody) -> Iterator[Fact]:
    """What one step of custody tells; a licence or source of an ancestor counts for what was made from it."""
    source = str(verified.id)
    step = {
        "operation": custody.operation,
        "dataset": custody.dataset,
        "claim": custody.claim,
        "by": verified.principal.name,
        "at": custody.performed_at,
        "rows": {
            "input": custody.rows.input,
            "output": custody.rows.output,
            "dropped": custody.rows.dropped,
        },
        "consent": custody.consent,
        "source": custody.source.uri if custody.source else "",
    }
    yield Fact("DP-06", {key: value for key, value in step.items() if value != ""}, Grade.ATTESTED, source)
    if custody.source:
        yield Fact("DP-04", {"identifier": custody.source.uri}, Grade.ATTESTED, source)
    if custody.licence:
        yield Fact("DP-10", {"licence": custody.licence}, Grade.ATTESTED, source)


def _ancestor(digest: Digest, name: str, source: str) -> Component:
    return Component(
        f"ancestor:{digest}", Kind.DATASET, name, digest=digest, grade=Grade.ATTESTED, source=source
    )
