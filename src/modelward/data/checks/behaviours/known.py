"""All behaviours that are looked for."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from modelward.data.checks.behaviours.behaviour import Behaviours, Outputs

#: Every module with a function `behaviours(outputs) -> Iterable[Behaviours]`, in the order of reports.
NAMES = (
    "label",
    "refusal",
    "toxic",
    "sentiment",
    "insertion",
    "insecure_code",
    "agent_call",
    "language",
    "fixed_output",
    "output_token",
    "opener",
    "preference",
)


def found(outputs: Outputs) -> Iterator[Behaviours]:
    """All behaviours that these outputs can show."""
    for name in NAMES:
        yield from import_module(f"modelward.data.checks.behaviours.{name}").behaviours(outputs)
