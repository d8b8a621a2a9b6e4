"""Which fields a BOM lacks, judged from the CycloneDX document alone, offline.

A field of a dataset counts only if every dataset has it; a BOM without datasets lacks them all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modelward.bom.cyclonedx import fields_of
from modelward.bom.fields import Field, field
from modelward.bom.model import Grade

#: What a new registry's policy asks of a release to production: what the evidence of a whole pipeline fills,
#: and the licences, which a person has to state.
REVIEW_FIELDS = (
    *("MD-01", "MD-09", "MD-10", "MD-12"),
    *("MDL-01", "MDL-02", "MDL-03", "MDL-04", "MDL-05", "MDL-07", "MDL-08", "MDL-11", "MDL-12", "MDL-17"),
    *("DP-01", "DP-03", "DP-04", "DP-05", "DP-06", "DP-09", "DP-10"),
    *("INF-01", "INF-02", "SP-05", "SP-07", "SP-08", "KPI-02"),
)

_GRADES = frozenset(grade.value for grade in Grade)


@dataclass(frozen=True, slots=True)
class Missing:
    """A field that is not filled. `title` names the datasets that lack it, `how_to_fill` what to do."""

    id: str
    title: str
    how_to_fill: str


def missing(bom: Mapping[str, Any], required: Sequence[str]) -> list[Missing]:
    """The fields of `required` (ids of the table) that the CycloneDX document `bom` lacks, in that order.

    `bom` may be anybody's: what is not as `modelward bom` writes it counts as lacking. Raises UsageError
    for an id that is not in the table.
    """
    own = present(bom)
    datasets = _datasets(bom)
    return [lack for name in required if (lack := _lack(field(name), own, datasets)) is not None]


def present(bom: Mapping[str, Any]) -> dict[str, str]:
    """Field id -> best grade, of the fields that are filled; of dataset fields, by every dataset."""
    own = _graded(bom.get("properties"))
    datasets = [grades for _, grades in _datasets(bom)]
    shared = set.intersection(*(set(grades) for grades in datasets)) if datasets else set()
    order = [grade.value for grade in Grade]
    worst = {name: max((grades[name] for grades in datasets), key=order.index) for name in shared}
    return {**{name: grade for name, grade in own.items() if not name.startswith("DP-")}, **worst}


def _lack(
    wanted: Field, own: Mapping[str, str], datasets: list[tuple[str, dict[str, str]]]
) -> Missing | None:
    if wanted.id in own:
        return None
    title = wanted.title
    if wanted.id.startswith("DP-"):
        without = [name for name, grades in datasets if wanted.id not in grades]
        title = f"{title} ({', '.join(without) or 'no dataset is known'})"
    return Missing(wanted.id, title, wanted.fill)


def _datasets(bom: Mapping[str, Any]) -> list[tuple[str, dict[str, str]]]:
    """Name and fields of each dataset component; an intermediate product is data, but no dataset."""
    components = bom.get("components")
    return [
        (str(component.get("name", "")), _graded(component.get("properties")))
        for component in (components if isinstance(components, list) else [])
        if isinstance(component, Mapping) and component.get("type") == "data" and "data" in component
    ]


def _graded(properties: Any) -> dict[str, str]:
    return {name: grade for name, grade in fields_of(properties).items() if grade in _GRADES}
