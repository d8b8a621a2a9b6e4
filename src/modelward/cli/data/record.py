"""The command that does a step: run between the reading of its inputs and the reading of its outputs."""

from __future__ import annotations

import shlex
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelward.cli import output
from modelward.cli.data.attested import Input, is_index
from modelward.core.errors import Rejected, UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.data.declaration import Declaration

_STDERR = 2


def run_step(
    command: Sequence[str],
    inputs: Sequence[Input],
    outputs: Sequence[Path | str],
    *,
    overwrite: bool,
    stdout_is_ours: bool,
) -> tuple[int, dict[str, Any]]:
    """Run `command`; its exit code, and what it ran with as fields of the declaration.

    The outputs must not be there before; with `overwrite` they are set aside, and kept if the command fails.
    Raises UsageError, InputError if it cannot be started, Rejected if it changed an input.
    """
    from modelward.pipeline.command import run_command
    from modelward.pipeline.outputs import product, remove, vacated
    from modelward.pipeline.secrets import refuse_secrets

    refuse_secrets(command)
    products = _local(outputs)
    _refuse_overlap(inputs, products)
    ran_with = _surroundings(command, _local_inputs(inputs), products)
    places = {path.name: path for path in products}
    with vacated(places, overwrite=overwrite, suffix=uuid.uuid4().hex[:8]) as set_aside:
        code = run_command(command, stdout=_STDERR if stdout_is_ours else None)
    if code:
        output.note(f"the command failed with exit code {code}; nothing was recorded")
        for path in set_aside:
            output.note(f"what was there before is kept at {escape(str(path))}")
        return code, {}
    for name, path in places.items():
        product(name, path)
    for path in set_aside:
        remove(path)
    _refuse_changed(inputs)
    return 0, ran_with


def with_surroundings(said: Declaration, ran_with: dict[str, Any]) -> Declaration:
    """The declaration and what the command ran with; what a person said stands before it."""
    import msgspec

    fields = {name: value for name, value in ran_with.items() if not getattr(said, name)}
    fields["parameters"] = ran_with["parameters"] | said.parameters
    fields["code"] = (*said.code, *(item for item in ran_with["code"] if item not in said.code))
    return msgspec.structs.replace(said, **fields)


def _surroundings(command: Sequence[str], inputs: Sequence[Path], products: Sequence[Path]) -> dict[str, Any]:
    """Program, code files that the command names, packages of its interpreter, the command itself."""
    from modelward.artifact.hashing import digest_of
    from modelward.core.digest import Digest
    from modelward.data.declaration import Thing
    from modelward.pipeline.step import files_in
    from modelward.pipeline.surroundings import toolchain

    tools, observed = toolchain(command)
    fields: dict[str, Any] = {"parameters": {"command": shlex.join(command)[:10_000]}}
    fields["code"] = tuple(
        Thing.of(path.name, digest_of(path)) for path in files_in(command, [*inputs, *products])
    )
    if tools:
        fields["tool"] = Thing.of(tools[0].name.removeprefix("tool/"), Digest.from_set(tools[0].digest))
    if "packagesDigest" in observed:
        interpreter = observed["interpreter"]
        name = f"packages of {interpreter['name']} {interpreter['version']}"
        fields["environment"] = Thing(name=name, digest=observed["packagesDigest"])
    return fields


def _local(outputs: Sequence[Path | str]) -> list[Path]:
    found = [path for path in outputs if isinstance(path, Path)]
    if len(found) != len(outputs):
        raise UsageError(
            "a command writes files, not objects of a store", help="upload what it wrote, then record that"
        )
    return found


def _local_inputs(inputs: Sequence[Input]) -> list[Path]:
    return [given.path for given in inputs if isinstance(given.path, Path)]


def _refuse_overlap(inputs: Sequence[Input], products: Sequence[Path]) -> None:
    places = [path.resolve() for path in products]
    for number, path in enumerate(places):
        others = [path.resolve() for path in _local_inputs(inputs)] + places[number + 1 :]
        for other in others:
            if path == other or path in other.parents or other in path.parents:
                raise UsageError(f"the output overlaps {other.name}", where=str(path), help="keep them apart")


def _refuse_changed(inputs: Sequence[Input]) -> None:
    from modelward.artifact.hashing import digest_of

    for given in inputs:
        if is_index(given.path) or not isinstance(given.path, Path):
            continue  # objects of a store were fetched under their ETag; what is there now nobody knows
        now = digest_of(given.path) if given.path.exists() else None
        if now != given.index.subject:
            raise Rejected(
                f"the input changed while the command ran: it was {given.index.subject}, "
                f"it is {now or 'gone'}",
                where=str(given.path),
                help="nothing was recorded; find out what writes to it, then run the step again",
            )
