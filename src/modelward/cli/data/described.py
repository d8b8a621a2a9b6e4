"""Joining what is known of a dataset into one description: index or signed snapshot, and verified custody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from modelward.core.errors import InputError, Rejected

if TYPE_CHECKING:
    from modelward.attest.predicates import Custody
    from modelward.attest.predicates.base import Named
    from modelward.data.exchange.facts import Description, Step, Thing
    from modelward.registry.custody_chain import Link
    from modelward.registry.lineage import Said


def of_index(path: Path, index: Path | None) -> Description:
    """What the index of the data at `path` says. Raises Rejected if the data is not what the index is of."""
    from modelward.artifact.hashing import digest_of
    from modelward.cli.progress import progress
    from modelward.data.exchange import describe
    from modelward.data.index import default_path
    from modelward.data.index_file import open_index

    place = index or default_path(path)
    with open_index(place) as found:
        described = describe.of_index(found, sizes_at(path))
        subject = found.subject
    if digest_of(path, progress=progress(f"hashing {path.name}")) != subject:
        raise Rejected(
            "the data is not what its index is of",
            where=str(path),
            help="modelward data verify names the rows that differ",
        )
    return described


def of_registry(dataset: str, registry: Path | None) -> Description:
    """What the registry's statements say of a dataset: the snapshot that counts, and its custody.

    Raises InputError if there is no such snapshot.
    """
    from modelward.cli.data.datasets import datasets_named, open_lineage
    from modelward.registry.custody_chain import chain

    with open_lineage(registry) as lineage:
        links = chain(lineage, datasets_named(lineage, dataset)[-1])
    snapshot = links[0].snapshot
    if snapshot is None:
        raise InputError(
            "no snapshot of it counts",
            where=dataset,
            help="modelward data snapshot PATH --name NAME makes one",
        )
    path = Path(dataset)
    return _completed(_of_snapshot(snapshot, sizes_at(path) if path.exists() else {}), links)


def sizes_at(path: Path) -> dict[str, int]:
    """The bytes of the shards at a path."""
    from modelward.data import places

    return {part.name: part.size for part in places.find(path).parts}


def _of_snapshot(said: Said, sizes: dict[str, int]) -> Description:
    import msgspec

    from modelward.attest.predicates import Snapshot
    from modelward.data.exchange import describe

    snapshot = said.statement.typed(Snapshot)
    described = describe.of_snapshot(
        name=snapshot.dataset,
        subject=str(said.statement.subject),
        shards=[(shard.path, shard.digest) for shard in snapshot.shards],
        columns=[(column.name, column.type) for column in snapshot.columns],
        rows=snapshot.rows,
        roots=(snapshot.rows_root, snapshot.set_root),
        sizes=sizes,
        roles={},
    )
    return msgspec.structs.replace(
        described, index=snapshot.index, signer=said.signer, created=snapshot.created_at
    )


def _completed(described: Description, links: list[Link]) -> Description:
    """With the steps, and what the dataset's own steps declare of it."""
    import msgspec

    from modelward.attest.predicates import Custody
    from modelward.data.exchange.facts import Agent

    steps = tuple(
        _step(step.said, step.said.statement.typed(Custody))
        for link in links
        for step in link.steps
        if step.custody is not None
    )
    own = [step for step in steps if step.subject == described.subject]
    collected = [step for step in own if step.operation == "collect"]
    collectors = [name for step in collected for name in step.collector.split("; ") if name]
    return msgspec.structs.replace(
        described,
        steps=steps,
        licences=tuple(dict.fromkeys(step.licence for step in steps if step.licence)),
        creators=tuple(Agent(name=name) for name in dict.fromkeys(collectors)),
        text=next((step.notes for step in own if step.notes), ""),
        url=next((step.source for step in collected if "://" in step.source), ""),
        version=next((step.version for step in own if step.version), ""),
        derived_from=tuple(
            dict.fromkeys(f"urn:modelward:dataset:{thing.digest}" for step in own for thing in step.inputs)
        ),
    )


def _step(said: Said, custody: Custody) -> Step:
    from modelward.data.exchange.facts import Step

    source = custody.source
    return Step(
        operation=custody.operation,
        statement=str(said.id),
        dataset=custody.dataset,
        subject=str(said.statement.subject),
        claim=custody.claim,
        by=said.signer,
        at=custody.performed_at,
        inputs=tuple(_thing(named) for named in custody.inputs),
        rows_in=custody.rows.input,
        rows_out=custody.rows.output,
        rows_dropped=custody.rows.dropped,
        rows_root=custody.rows_root or "",
        set_root=custody.set_root,
        tool=_thing(custody.tool) if custody.tool else None,
        generator=_thing(custody.generator.model) if custody.generator else None,
        parameters=custody.parameters,
        source=source.uri if source else "",
        channel=source.channel if source else "",
        fetched_at=(source.fetched_at or "") if source else "",
        collector=source.collector if source else "",
        contributor=source.contributor if source else "",
        geography=source.geography if source else "",
        licence=custody.licence,
        consent=custody.consent,
        personal_data=custody.personal_data,
        version=custody.version,
        notes=custody.notes,
    )


def _thing(named: Named) -> Thing:
    from modelward.data.exchange.facts import Thing

    return Thing(name=named.name, digest=named.digest)
