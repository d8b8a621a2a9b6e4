"""What is about to be run, before anything is: what a permit is asked for."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from modelward.attest.predicates import ResourceDescriptor
from modelward.core.digest import Digest
from modelward.pipeline.evidence import Accounted

_LONG = re.compile(r"--?(?P<name>[A-Za-z][A-Za-z0-9_.-]{0,63})(?:=(?P<value>.*))?\Z", re.DOTALL)
_PLAIN = re.compile(r"\+{0,2}(?P<name>[A-Za-z][A-Za-z0-9_.-]{0,63})=(?P<value>.*)\Z", re.DOTALL)
_NUMBER = re.compile(r"-?[0-9.]")


@dataclass(frozen=True, slots=True)
class Plan:
    """A step whose inputs are verified and whose code is hashed."""

    step: str
    command: Sequence[str]
    inputs: tuple[Accounted, ...]
    outputs: Mapping[str, Path]
    code: Mapping[Path, Digest]
    invocation: uuid.UUID

    @property
    def parameters(self) -> dict[str, str]:
        """What the command line sets by name: `--epochs 3`, `--epochs=3`, `epochs=3`; a flag is "true"."""
        return parameters(self.command)

    @property
    def seeds(self) -> dict[str, str]:
        """Those of the parameters that are seeds."""
        return {name: value for name, value in self.parameters.items() if "seed" in name.lower()}


class Permit(Protocol):
    """Leave to run one step."""

    def redeem(self, plan: Plan) -> ResourceDescriptor:
        """Use the permit for `plan`, once, before anything starts; returns how the provenance names it.

        Raises Rejected if it does not cover the plan, has expired, or was redeemed before.
        """


def parameters(command: Sequence[str]) -> dict[str, str]:
    """Named arguments of a command line. Later ones replace earlier ones, as most programs have it."""
    found: dict[str, str] = {}
    waiting = ""
    for argument in command[1:]:
        match = _LONG.match(argument)
        if match is None and waiting:
            found[waiting], waiting = argument, ""
            continue
        if waiting and _NUMBER.match(argument):
            found[waiting], waiting = argument, ""
            continue
        waiting = ""
        match = match or _PLAIN.match(argument)
        if match is None:
            continue
        found[match["name"]] = match["value"] if match["value"] is not None else "true"
        if match["value"] is None and argument.startswith("--"):
            waiting = match["name"]
    return found
