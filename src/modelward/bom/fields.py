"""The 72 fields of a Model BOM: what each is called, the first gate that needs it, how to fill it.

Sources: G7/BSI/CISA "SBOM for AI: Minimum Elements" (2026), OWASP AISVS 1.0, EU AI Act annexes IV and XI.
The table is `fields.tsv` beside this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from modelward.core.errors import UsageError

#: First gate that needs a field. What is known only once a review is over (`after`) is never required of it.
GATES = ("register", "staging", "production", "deploy", "after")


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the table. `fill` says how a user fills the field."""

    id: str
    title: str
    cluster: str
    gate: str
    fill: str


@cache
def table() -> Mapping[str, Field]:
    """Field id -> field, in the order of the table."""
    lines = resources.files(__package__).joinpath("fields.tsv").read_text("utf-8").splitlines()
    return {field.id: field for field in (Field(*line.split("\t")) for line in lines[1:])}


def field(field_id: str) -> Field:
    """The field called `field_id`. Raises UsageError."""
    found = table().get(field_id)
    if found is None:
        raise UsageError(f"no BOM field {field_id!r}", help="modelward bom check lists them, such as MDL-12")
    return found


def required_at(gate: str) -> tuple[str, ...]:
    """The ids that a review at `gate` needs: those first needed there or at an earlier gate.

    Raises UsageError for anything but register, staging, production and deploy.
    """
    gates = GATES[: GATES.index("after")]
    if gate not in gates:
        raise UsageError(f"no gate {gate!r}", help=f"one of {', '.join(gates)}")
    reached = gates[: gates.index(gate) + 1]
    return tuple(entry.id for entry in table().values() if entry.gate in reached)
