"""The internal model of a BOM, from which every format is written.

Fields sit on components; a field may be stated more than once, by different sources. Which is to be
believed is told by its grade, best first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from modelward.core import strict_json
from modelward.core.digest import Digest


class Grade(Enum):
    """How well a fact is known, best first (DESIGN 1.7)."""

    ATTESTED = "attested"
    ENFORCED = "enforced"
    OBSERVED = "observed"
    DECLARED = "declared"


_ORDER = {grade: position for position, grade in enumerate(Grade)}


class Kind(Enum):
    """What a component is."""

    SYSTEM = "system"
    MODEL = "model"
    BASE = "base model"
    DATASET = "dataset"
    PRODUCT = "intermediate product"
    FILE = "file"
    PACKAGE = "package"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Fact:
    """One field, said by one source.

    `field` is an id of the table; `value` a JSON object whose keys depend on the field; `source` a
    statement's identity, `file:NAME` within the artifact, or `modelward` for what the BOM's maker computes.
    """

    field: str
    value: Mapping[str, Any]
    grade: Grade
    source: str


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the BOM. `ref` is unique and the same whenever the same evidence is read.

    `roles` says what a dataset or a file is used for; `ancestors` what a dataset was made from.
    """

    ref: str
    kind: Kind
    name: str
    version: str = ""
    digest: Digest | None = None
    grade: Grade = Grade.DECLARED
    source: str = ""
    roles: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    ancestors: tuple[Component, ...] = ()

    def all(self, field_id: str) -> list[Fact]:
        """Every fact for one field, best grade first, otherwise in the order given."""
        return sorted((f for f in self.facts if f.field == field_id), key=lambda f: _ORDER[f.grade])

    def best(self, field_id: str) -> Fact | None:
        """The fact of the best grade for one field."""
        return next(iter(self.all(field_id)), None)

    def texts(self, field_id: str, key: str) -> list[str]:
        """Every distinct text under `key` of one field, best grade first; a list counts as its items."""
        found: dict[str, None] = {}
        for fact in self.all(field_id):
            value: Any = fact.value.get(key)
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str) and text:
                    found[text] = None
        return list(found)

    def text(self, field_id: str, key: str) -> str:
        """The best text under `key` of one field, or an empty one."""
        return next(iter(self.texts(field_id, key)), "")


@dataclass(frozen=True, slots=True)
class Step:
    """One run of the pipeline, from its provenance. Inputs and outputs are refs of components."""

    ref: str
    name: str
    command: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    started: str
    finished: str
    invocation: str
    builder: str
    by: str
    source: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bom:
    """A whole BOM. `depends` maps a component's ref to those of what it was made from or contains."""

    system: Component
    model: Component
    components: tuple[Component, ...]
    steps: tuple[Step, ...]
    depends: Mapping[str, tuple[str, ...]]
    facts: tuple[Fact, ...]
    timestamp: str = ""

    def every(self) -> Iterator[tuple[Component | None, Fact]]:
        """All facts with the component each is about (None: the BOM itself), in the order of the table."""
        for fact in self.facts:
            yield None, fact
        for component in (self.system, self.model, *self.components):
            for fact in component.facts:
                yield component, fact

    def of_kind(self, kind: Kind) -> list[Component]:
        """The components of one kind besides system and model."""
        return [component for component in self.components if component.kind is kind]


def ordered(facts: Iterable[Fact], order: Iterable[str]) -> tuple[Fact, ...]:
    """`facts` in the order of the table, better grades first, otherwise as given.

    What is said again in the same words, no better known, is left out.
    """
    position = {field_id: place for place, field_id in enumerate(order)}
    unique: dict[tuple[str, bytes], Fact] = {}
    for fact in sorted(facts, key=lambda f: (position[f.field], _ORDER[f.grade])):
        unique.setdefault((fact.field, strict_json.dumps(dict(fact.value))), fact)
    return tuple(unique.values())
