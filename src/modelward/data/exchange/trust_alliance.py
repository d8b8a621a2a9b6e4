"""The Data Provenance Standards 1.0.0 of the Data & Trust Alliance: 22 fields on source, provenance and use.

Their JSON form has 26 keys: four fields name what is included and what is excluded, or three kinds of
proprietary right, apart. What modelward knows fills them; a person declares the rest (`Standard`).
"""

from __future__ import annotations

from typing import Any

import msgspec

from modelward.data.exchange.describe import LISTING
from modelward.data.exchange.facts import Description, Step

VERSION = "1.0.0"
#: The code system of operations and channels.
OPERATIONS = "https://modelward.dev/terms/custody"

#: Keys that the standard requires: group -> names.
REQUIRED = {
    "source": ("version", "title", "id", "issuer", "description"),
    "provenance": ("origin-geography", "date", "generation-method"),
    "use": (),
}


class Entry(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="kebab", kw_only=True
):
    """A part of the document."""


class Party(Entry, frozen=True):
    """A legal entity."""

    name: str
    address: tuple[str, ...] = ()


class Area(Entry, frozen=True):
    """A country, or a state of it."""

    country: str
    state: str = ""


class Code(Entry, frozen=True):
    """A code of some system, and what it means."""

    code: str
    system: str = ""
    description: str = ""


class Period(Entry, frozen=True):
    """From when to when."""

    start: str = ""
    end: str = ""


class Classified(Entry, frozen=True):
    """Whether a kind of confidential data is in it."""

    regulation: Code
    evaluated: bool


class Privacy(Entry, frozen=True):
    """What was used to protect persons."""

    tool: Code
    parameters: str = ""
    result: str = ""


class Source(Entry, frozen=True):
    """What dataset this is, and who answers for it."""

    version: str = ""
    title: str = ""
    id: str = ""
    location: str = ""
    issuer: tuple[Party, ...] = ()
    description: str = ""


class Provenance(Entry, frozen=True):
    """Where it came from, when and how."""

    source: str = ""
    origin: tuple[Party, ...] = ()
    origin_geography: tuple[Area, ...] = ()
    date: str = ""
    previous_date: str = ""
    generation_period: Period | None = None
    generation_method: tuple[Code, ...] = ()
    format: tuple[str, ...] = ()


class Use(Entry, frozen=True):
    """What may be done with it."""

    classification: tuple[Classified, ...] = ()
    consents: tuple[str, ...] = ()
    privacy_indicators: tuple[Privacy, ...] = ()
    processing_included: tuple[Area, ...] = ()
    processing_excluded: tuple[Area, ...] = ()
    storage_allowed: tuple[Area, ...] = ()
    storage_forbidden: tuple[Area, ...] = ()
    license: str = ""
    intended_purpose: tuple[Code, ...] = ()
    copyright: tuple[str, ...] = ()
    patent: tuple[str, ...] = ()
    trademark: tuple[str, ...] = ()


class Standard(Entry, frozen=True):
    """The whole document."""

    source: Source = Source()
    provenance: Provenance = Provenance()
    use: Use = Use()


def write(dataset: Description, declared: Standard | None = None) -> dict[str, Any]:
    """The document: what is known, and where that says nothing, what is declared."""
    known, said = _plain(_known(dataset)), _plain(declared or Standard())
    return {group: said.get(group, {}) | known.get(group, {}) for group in REQUIRED}


def _plain(document: Standard) -> dict[str, dict[str, Any]]:
    plain: dict[str, dict[str, Any]] = msgspec.json.decode(msgspec.json.encode(document))
    return plain


def missing(document: dict[str, Any]) -> list[str]:
    """The required keys that the document lacks, as `group.key`."""
    return [
        f"{group}.{key}" for group, keys in REQUIRED.items() for key in keys if not document[group].get(key)
    ]


def _known(dataset: Description) -> Standard:
    steps = dataset.steps
    times = sorted(step.fetched_at for step in steps if step.fetched_at)
    lineage = (*dataset.derived_from, *dataset.every("source"))
    return Standard(
        source=Source(
            version=VERSION,
            title=dataset.name,
            id=f"urn:modelward:dataset:{dataset.subject}" if dataset.subject else "",
            location=dataset.url,
            issuer=tuple(Party(name=agent.name) for agent in dataset.publishers or dataset.creators),
            description=dataset.text or dataset.first("notes"),
        ),
        provenance=Provenance(
            source=" ".join(dict.fromkeys(lineage)),
            origin=tuple(Party(name=name) for name in dataset.every("collector")),
            origin_geography=tuple(Area(country=place) for place in dataset.every("geography")),
            date=next(
                (step.at for step in dataset.own_steps() if step.at), dataset.published or dataset.created
            ),
            generation_period=Period(start=times[0], end=times[-1]) if times else None,
            generation_method=_methods(steps),
            format=tuple(dict.fromkeys(file.media for file in dataset.files if file.path != LISTING)),
        ),
        use=Use(
            classification=tuple(
                Classified(regulation=Code(code=text), evaluated=True)
                for text in dataset.every("personal_data")
            ),
            consents=dataset.every("consent"),
            privacy_indicators=tuple(
                Privacy(tool=_code(step.operation), parameters=_parameters(step), result=step.claim)
                for step in steps
                if step.operation in ("redact", "delete")
            ),
            license=", ".join(dataset.licences or dataset.every("licence")),
        ),
    )


def _methods(steps: tuple[Step, ...]) -> tuple[Code, ...]:
    """How the data came about: the channel of what was collected, the operation of every other step."""
    return tuple(dict.fromkeys(_code(step.channel or step.operation) for step in reversed(steps)))


def _code(text: str) -> Code:
    return Code(code=text, system=OPERATIONS)


def _parameters(step: Step) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(step.parameters.items()))
