"""A job: one command with what it may read and write; and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from modelward.attest.predicates import ResourceDescriptor
from modelward.pipeline.sandbox.limits import Limits
from modelward.pipeline.sandbox.order import Destination, Observation


@dataclass(frozen=True, slots=True)
class Options:
    """What a step is given besides its files. `secrets` are values by name; nothing shows or records them.

    `hidden` are directories that no step may see, whatever lies around them: the registry, the keys.
    """

    destinations: tuple[Destination, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    limits: Limits = field(default_factory=Limits)
    hidden: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """A command and its places. `programs` are what it starts and their interpreters, as they were found.

    Outputs are absent or empty directories. `stdout` is a descriptor that takes the command's output.
    """

    command: Sequence[str]
    inputs: Mapping[str, Path] = field(default_factory=dict)
    outputs: Mapping[str, Path] = field(default_factory=dict)
    code: Sequence[Path] = ()
    programs: Sequence[Path] = ()
    options: Options = Options()
    stdout: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job. `outputs` is where they lie until they are hashed and put into place.

    `left` processes outlived the command and were killed; `discarded` are what it wrote beside its outputs;
    `observation` is None where nothing watched. `recorded` is what the provenance says of the confinement,
    `materials` what was used of the base set.
    """

    exit_code: int
    outputs: Mapping[str, Path]
    observation: Observation | None = None
    left: int = 0
    timed_out: bool = False
    discarded: tuple[str, ...] = ()
    recorded: Mapping[str, Any] = field(default_factory=dict)
    materials: tuple[ResourceDescriptor, ...] = ()


class Confinement(Protocol):
    """A way to run jobs. `grade` is what its records may claim: enforced, observed or declared."""

    @property
    def grade(self) -> str:
        """The best grade that what it ran may claim."""

    @property
    def words(self) -> str:
        """What it does and does not do, in one plain line."""

    def running(self, job: Job) -> AbstractContextManager[Outcome]:
        """Run a job to its end, all its processes included; its outputs may be hashed within.

        Where the context ends what was not taken away is removed. Raises InputError if the command cannot
        be started, Rejected if the confinement fails.
        """

    def ask(self, command: Sequence[str]) -> str | None:
        """What a program prints that is asked about itself, None if it fails. Nothing of ours is readable."""
