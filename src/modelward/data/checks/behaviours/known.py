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
    """All behaviours that these outputs can show.

    What a module's SEEN and FRESH list is asked of each output in one pass.
    """
    modules = [import_module(f"modelward.data.checks.behaviours.{name}") for name in NAMES]
    outputs.seen = tuple(each for module in modules for each in getattr(module, "SEEN", ()))
    outputs.fresh = tuple(each for module in modules for each in getattr(module, "FRESH", ()))
    for module in modules:
        yield from module.behaviours(outputs)
