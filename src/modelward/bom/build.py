"""The BOM of an artifact: first what verified statements tell, then the bytes, then what people declare.

Deterministic: the same statements and bytes give the same BOM, in whatever order they come; no clock, no
random numbers. Its time is the newest that its sources state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from modelward import __version__
from modelward.artifact.manifest import Manifest
from modelward.attest.verify import VerifiedStatement
from modelward.bom import card as cards
from modelward.bom.card import Declared
from modelward.bom.fields import table
from modelward.bom.model import Bom, Component, Fact, Grade, Kind, ordered
from modelward.bom.observed import Files, observe, role_of
from modelward.bom.statements import MODEL_REF, TRAINING, Told, tell
from modelward.core.digest import Digest
from modelward.core.errors import LimitExceeded

SYSTEM_REF = "system"

ReadFile = Callable[[str], bytes | None]
ReadHead = Callable[[str, int], bytes | None]

_MAKER = "modelward"
_KIND_ORDER = {kind: place for place, kind in enumerate(Kind)}


def review_bom(
    model: str,
    version: int,
    manifest: Manifest,
    statements: Sequence[VerifiedStatement],
    read_file: ReadFile,
    read_head: ReadHead | None = None,
) -> Bom:
    """The BOM that a reviewer of one version reads, and that an approval binds.

    `statements` is what is verified about the artifact and all it was made from, `read_file` gives a file of
    the artifact by its name in the manifest (None: it cannot be read), `read_head(name, size)` its first
    bytes (by default from `read_file`; give it where files are large). Approvals, waivers, decisions, stages
    and status are not looked at. Name and version count only as far as a version statement says them.

    Raises InputError for a malformed model-card.toml.
    """
    artifact = manifest.digest
    component = Component(MODEL_REF, Kind.MODEL, model, str(version), artifact, Grade.OBSERVED, _MAKER)
    told = tell(artifact, statements, model, version)
    return _assemble(component, told, _files(manifest, read_file, read_head))


def observed_bom(
    name: str, artifact: Digest, manifest: Manifest, read_file: ReadFile, read_head: ReadHead | None = None
) -> Bom:
    """The BOM of bytes that no registry knows: only what is observed and declared. Raises as `review_bom`.

    `artifact` is the digest of the manifest, or of its only file.
    """
    model = Component(MODEL_REF, Kind.MODEL, name, "", artifact, Grade.OBSERVED, _MAKER)
    return _assemble(model, Told(), _files(manifest, read_file, read_head))


def _files(manifest: Manifest, read_file: ReadFile, read_head: ReadHead | None) -> Files:
    def read(name: str) -> bytes | None:
        try:
            return read_file(name)
        except LimitExceeded:
            return None  # too large to look into is not an error of the BOM

    def head(name: str, size: int) -> bytes | None:
        data = read(name)
        return None if data is None else data[:size]

    return Files(manifest, read, read_head or head)


def _assemble(model: Component, told: Told, files: Files) -> Bom:
    declared = _declared(files)
    said = [*told.facts, *observe(files), *(fact for card in declared for fact in card.model)]
    said.append(
        Fact("MDL-07", {"digest": str(model.digest), "files": files.manifest.files}, Grade.OBSERVED, _MAKER)
    )
    system_facts = tuple(fact for card in declared for fact in card.system)
    datasets = _with_declared(told.components, declared)
    parts = [*_file_components(files.manifest), *datasets]
    parts.sort(key=lambda c: (_KIND_ORDER[c.kind], c.name, c.ref))
    model = replace(model, facts=ordered((f for f in said if not _about_bom(f)), table()))
    depends = _depends(told.depends, datasets)
    timestamp = max(told.times, default="")
    return Bom(
        system=Component(SYSTEM_REF, Kind.SYSTEM, _system_name(system_facts, model), facts=system_facts),
        model=model,
        components=tuple(parts),
        steps=tuple(sorted(told.steps, key=lambda step: (step.started, step.ref))),
        depends=depends,
        facts=_bom_facts([f for f in said if _about_bom(f)], bool(depends.get(MODEL_REF)), timestamp),
        timestamp=timestamp,
    )


def _about_bom(fact: Fact) -> bool:
    return fact.field.startswith("MD-")


def _declared(files: Files) -> list[Declared]:
    """The card first, then the README: where both declare the same, the card was written for this."""
    found = []
    data = files.small(cards.CARD_NAME, cards.MAX_BYTES)
    if data is not None:
        found.append(cards.from_card(data))
    data = files.small(cards.README_NAME, cards.MAX_BYTES)
    if data is not None:
        found.append(cards.from_readme(data))
    return found


def _with_declared(components: Mapping[str, Component], declared: Iterable[Declared]) -> list[Component]:
    """Statements' components with what cards say of datasets, which they know by name only."""
    merged = list(components.values())
    for card in declared:
        for name, facts in card.datasets.items():
            places = [n for n, c in enumerate(merged) if c.kind is Kind.DATASET and c.name == name]
            for place in places:
                merged[place] = replace(merged[place], facts=(*merged[place].facts, *facts))
            if not places:
                source = facts[0].source if facts else f"file:{cards.README_NAME}"
                said = (Fact("DP-01", {"name": name}, Grade.DECLARED, source), *facts)
                role = next((str(f.value.get("role")) for f in facts if f.field == "DP-09"), TRAINING)
                merged.append(
                    Component(
                        f"dataset:name:{name}",
                        Kind.DATASET,
                        name,
                        source=source,
                        roles=(role,),
                        facts=said,
                    )
                )
    return [_dataset(component) if component.kind is Kind.DATASET else component for component in merged]


def _dataset(component: Component) -> Component:
    role = Fact("DP-09", {"roles": list(component.roles)}, component.grade, component.source or _MAKER)
    return replace(component, facts=ordered((*component.facts, role), table()))


def _depends(
    told: Mapping[str, Sequence[str]], components: Iterable[Component]
) -> dict[str, tuple[str, ...]]:
    """The links of the statements, and from the model to what is only declared."""
    links = {ref: list(others) for ref, others in told.items()}
    for component in components:
        if component.kind is Kind.DATASET and component.digest is None:
            links.setdefault(MODEL_REF, []).append(component.ref)
    return {ref: tuple(sorted(others)) for ref, others in sorted(links.items())}


def _file_components(manifest: Manifest) -> list[Component]:
    return [
        Component(
            f"file:{entry.name}",
            Kind.FILE,
            entry.name,
            digest=entry.digest,
            grade=Grade.OBSERVED,
            source=_MAKER,
            roles=(role,) if (role := role_of(entry.name)) else (),
        )
        for entry in manifest.entries
    ]


def _system_name(facts: Sequence[Fact], model: Component) -> str:
    named = (fact.value.get("name") for fact in facts if fact.field == "SLP-01")
    return next((name for name in named if isinstance(name, str)), model.name)


def _bom_facts(said: list[Fact], joined: bool, timestamp: str) -> tuple[Fact, ...]:
    """The fields about the BOM itself, which its maker knows; its format is known to who writes it."""
    values: dict[str, dict[str, str]] = {
        "MD-06": {"tool": _MAKER},
        "MD-07": {"version": __version__},
        "MD-08": {"phase": "post-build"},
        "MD-11": {"files": "complete", "inputs": "incomplete"},
        "MD-12": {"how": "a grade and a source for each field"},
    }
    if timestamp:
        values["MD-09"] = {"time": timestamp}
    if joined:
        values["MD-10"] = {"how": "dependencies from the model to what it was made from"}
    made = [Fact(field, value, Grade.OBSERVED, _MAKER) for field, value in values.items()]
    return ordered([*said, *made], table())
