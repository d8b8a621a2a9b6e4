"""A dataset back to its collection: each step, who signed it, and what is missing on the way."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from modelward.attest.predicates import Custody, Provenance, Snapshot
from modelward.core.digest import Digest
from modelward.core.errors import LimitExceeded
from modelward.registry.lineage import Lineage, Said

#: A dataset with more datasets behind it than this is refused, not cut.
MAX_LINKS = 10_000

#: What is wrong with a dataset that was made from itself, by whatever way.
CIRCLE = "its custody goes in a circle and never back to a collection"

_INPUT = "input/"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a step made a dataset from; `name` is the word of who signed the step."""

    name: str
    digest: Digest


@dataclass(frozen=True, slots=True)
class Step:
    """A statement about how a dataset came to be, and the datasets it names as its inputs."""

    said: Said
    origins: tuple[Origin, ...]

    @property
    def custody(self) -> Custody | None:
        """Its predicate; None for a run."""
        return self.said.statement.typed(Custody) if self.said.is_a(Custody) else None


@dataclass(frozen=True, slots=True)
class Link:
    """One dataset of a chain. `steps` count, `former` do not; `problems` are what is missing or at odds."""

    digest: Digest
    name: str
    snapshot: Said | None
    steps: tuple[Step, ...]
    former: tuple[Said, ...]
    problems: tuple[str, ...]

    @property
    def is_collection(self) -> bool:
        """Whether a step says that it was made from nothing that is recorded: its collection."""
        return any(not step.origins for step in self.steps)


def chain(lineage: Lineage, dataset: Digest) -> list[Link]:
    """The dataset and all that it was made from, nearest first. Raises LimitExceeded past MAX_LINKS."""
    names = {dataset: ""}
    frontier = deque([dataset])
    links = []
    while frontier:
        digest = frontier.popleft()
        link = _link(lineage, digest, names[digest])
        links.append(link)
        for origin in (origin for step in link.steps for origin in step.origins):
            if origin.digest not in names:
                if len(names) >= MAX_LINKS:
                    raise LimitExceeded(f"a dataset with more than {MAX_LINKS} datasets behind it")
                names[origin.digest] = origin.name
                frontier.append(origin.digest)
    if dataset not in _grounded(links):
        links[0] = replace(links[0], problems=(*links[0].problems, CIRCLE))
    return links


def _grounded(links: list[Link]) -> set[Digest]:
    """Datasets with a step that leads back to collections, or to where nothing is known, without a circle."""
    made = {
        link.digest: [{origin.digest for origin in step.origins} for step in link.steps] for link in links
    }
    grounded = {digest for digest, steps in made.items() if not steps}
    while more := {
        digest
        for digest, steps in made.items()
        if digest not in grounded and any(origins <= grounded for origins in steps)
    }:
        grounded |= more
    return grounded


def step_of(said: Said) -> Step:
    """A custody statement or the provenance of a run, with its inputs."""
    statement = said.statement
    if said.is_a(Custody):
        named = statement.typed(Custody).inputs
        return Step(said, tuple(Origin(item.name, Digest.parse(item.digest)) for item in named))
    definition = statement.typed(Provenance).build_definition
    return Step(
        said,
        tuple(
            Origin(material.name.removeprefix(_INPUT), Digest(algorithm, value))
            for material in definition.resolved_dependencies
            if material.name.startswith(_INPUT)
            for algorithm, value in material.digest.items()
            if algorithm in ("sha256", "dirHash")
        ),
    )


def _link(lineage: Lineage, digest: Digest, called: str) -> Link:
    makers = lineage.makers(digest)
    steps = tuple(step_of(said) for said in makers if not said.problem)
    snapshots = [said for said in lineage.about(digest) if said.is_a(Snapshot)]
    snapshot = next((said for said in reversed(snapshots) if not said.problem), None)
    custody = [step.custody for step in steps]
    known_as = [snapshot.statement.predicate["dataset"]] if snapshot else []
    known_as += [claim.dataset for claim in custody if claim]
    return Link(
        digest,
        known_as[0] if known_as else called,
        snapshot,
        steps,
        tuple(said for said in [*snapshots, *makers] if said.problem),
        tuple(_problems(lineage, digest, snapshot, steps)),
    )


def _problems(lineage: Lineage, digest: Digest, snapshot: Said | None, steps: tuple[Step, ...]) -> list[str]:
    found = []
    revoked = lineage.revoked(digest)
    if revoked is not None:
        found.append(f"revoked: {revoked}")
    if snapshot is None and not lineage.versions(digest):
        found.append("no snapshot that counts")
    if not steps and not lineage.versions(digest):
        found.append("nothing says where it came from: no custody that counts")
    for claim in (step.custody for step in steps):
        if claim is None:
            continue
        if snapshot is not None and claim.set_root != snapshot.statement.typed(Snapshot).set_root:
            found.append("custody and snapshot differ in the rows of it")
        found += _inputs_at_odds(lineage, claim)
        if claim.operation not in ("collect", "synthesise") and not claim.inputs:
            found.append(f"a {claim.operation} without inputs")
    return list(dict.fromkeys(found))


def _inputs_at_odds(lineage: Lineage, claim: Custody) -> list[str]:
    """The inputs whose rows the step saw otherwise than their snapshots have them."""
    found = []
    for named in claim.inputs:
        snapshot = lineage.snapshot(Digest.parse(named.digest))
        if snapshot is None or snapshot.problem or named.set_root is None:
            continue
        if named.set_root != snapshot.statement.typed(Snapshot).set_root:
            found.append(f"the step and the snapshot of its input {named.name} differ in the rows of it")
    return found
