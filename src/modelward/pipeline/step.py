"""One step of the pipeline: verified inputs in, a command, attested outputs out.

In this version nothing confines the command: what it read beyond its declared inputs is not known, and
the provenance says so (`sandbox: none`, grade `declared`). The digests are observed.
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from modelward.artifact.hashing import digest_of
from modelward.attest.statement import Statement
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.errors import Rejected, UsageError
from modelward.pipeline.command import run_command
from modelward.pipeline.evidence import Accounted, EvidenceSource, account
from modelward.pipeline.outputs import product, remove, vacated
from modelward.pipeline.provenance import Record
from modelward.pipeline.secrets import refuse_secrets
from modelward.pipeline.surroundings import source_revision, toolchain

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")


@dataclass(frozen=True, slots=True)
class StepResult:
    """What came of a step.

    `statements` are unsigned, one per output; a failed step (`exit_code` not 0) has none. `set_aside` are
    earlier outputs that a failed run with `overwrite` left beside the new ones.
    """

    exit_code: int
    inputs: tuple[Accounted, ...]
    outputs: Mapping[str, Digest] = field(default_factory=dict)
    statements: tuple[Statement, ...] = ()
    set_aside: tuple[Path, ...] = ()


def run(
    step: str,
    command: Sequence[str],
    inputs: Mapping[str, Path],
    outputs: Mapping[str, Path],
    code: Sequence[Path],
    evidence: EvidenceSource,
    *,
    overwrite: bool = False,
    stdout: int | None = None,
) -> StepResult:
    """Verify the inputs, run the command, hash what it made, and describe the run as SLSA Provenance v1.

    1 check names and paths. 2 every input is vouched for by `evidence`. 3 hash the code, look at the
    interpreter and the source revision. 4 outputs are absent or empty (`overwrite`: set aside). 5 run.
    6 inputs and code are unchanged. 7 hash the outputs.

    Files named in the command that are neither input nor output count as code. `stdout` is a descriptor
    that takes the command's output. Raises Rejected (an input is not accounted for, or changed while the
    step ran), InputError, UsageError.
    """
    _check(step, command, inputs, outputs)  # 1
    accounted = tuple(account(name, path, evidence) for name, path in inputs.items())  # 2
    code = [*code, *files_in(command, [*inputs.values(), *outputs.values(), *code])]  # 3
    sources = {path: digest_of(path) for path in code}
    tools, observed = toolchain(command)
    revision = source_revision(code[0].resolve().parent if code else Path.cwd(), code)
    invocation = uuid.uuid4()
    with vacated(outputs, overwrite=overwrite, suffix=invocation.hex[:8]) as set_aside:  # 4
        started = instant.now()
        exit_code = run_command(command, stdout=stdout)  # 5
        finished = instant.now()
    if exit_code != 0:
        return StepResult(exit_code, accounted, set_aside=tuple(set_aside))
    _refuse_changes({f"input {item.name}": (item.path, item.digest) for item in accounted})  # 6
    _refuse_changes({f"code {path.name}": (path, digest) for path, digest in sources.items()})
    products = {name: product(name, path) for name, path in outputs.items()}  # 7
    for path in set_aside:
        remove(path)
    record = Record(
        step=step,
        command=command,
        inputs=accounted,
        code=sources,
        tools=[revision, *tools] if revision else tools,
        observed=observed,
        outputs=outputs,
        invocation=invocation,
        started=started,
        finished=finished,
    )
    return StepResult(0, accounted, products, record.statements(products))


def _check(
    step: str, command: Sequence[str], inputs: Mapping[str, Path], outputs: Mapping[str, Path]
) -> None:
    if not command:
        raise UsageError("no command to run", help="put it after --: modelward run STEP … -- python train.py")
    if not outputs:
        raise UsageError("a step without outputs attests nothing", help="name what it makes: --out NAME=PATH")
    for name in (step, *inputs, *outputs):
        if not _NAME.match(name):
            raise UsageError(
                f"not a name: {name!r}", help="letters, digits, dot, dash and underscore, at most 128"
            )
    refuse_secrets(command)
    places = [(f"--out {name}", path.resolve()) for name, path in outputs.items()]
    for mine, (label, path) in enumerate(places):
        others = [(f"--in {name}", other.resolve()) for name, other in inputs.items()] + places[mine + 1 :]
        for other_label, other in others:
            if path == other or path in other.parents or other in path.parents:
                raise UsageError(
                    f"{label} and {other_label} overlap", where=str(path), help="keep them in separate places"
                )


def files_in(command: Sequence[str], known: Sequence[Path]) -> list[Path]:
    """Files that the command line names (a script, a configuration) besides the program and `known`."""
    places = {path.resolve() for path in known}
    found: dict[Path, None] = {}
    for argument in command[1:]:
        if len(argument) < 4096 and "\0" not in argument and os.path.isfile(argument):
            resolved = Path(argument).resolve()
            if not places & {resolved, *resolved.parents}:
                found[Path(argument)] = None
    return list(found)


def _refuse_changes(before: Mapping[str, tuple[Path, Digest]]) -> None:
    for what, (path, digest) in before.items():
        now = digest_of(path) if path.exists() else None
        if now != digest:
            raise Rejected(
                f"{what} changed while the step ran: it was {digest}, it is {now or 'gone'}",
                where=str(path),
                help="nothing was signed; find out what writes to it, then run the step again",
            )
