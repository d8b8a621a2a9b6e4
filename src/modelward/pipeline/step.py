"""One step of the pipeline: verified inputs in, a command, attested outputs out.

What the provenance may claim is the confinement's to say: *enforced* where the kernel allowed the command
nothing but what was declared (`sandbox.confined`), *declared* where nothing confined it
(`sandbox.unconfined`). The digests are observed either way.
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from modelward.artifact.hashing import digest_of
from modelward.attest.statement import Statement
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.errors import Rejected, UsageError
from modelward.pipeline.evidence import Accounted, EvidenceSource, account
from modelward.pipeline.outputs import place, product, remove, vacated
from modelward.pipeline.plan import Permit, Plan
from modelward.pipeline.provenance import Record
from modelward.pipeline.sandbox.job import Confinement, Job, Options, Outcome
from modelward.pipeline.sandbox.unconfined import Unconfined
from modelward.pipeline.secrets import refuse_secrets
from modelward.pipeline.surroundings import programs, source_revision, toolchain

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")


@dataclass(frozen=True, slots=True)
class StepResult:
    """What came of a step.

    `statements` are unsigned, one per output; a failed step (`exit_code` not 0) has none of them, but a
    `failure`. `set_aside` are earlier outputs that a failed run with `overwrite` left beside the new ones.
    """

    exit_code: int
    inputs: tuple[Accounted, ...]
    outcome: Outcome
    outputs: Mapping[str, Digest] = field(default_factory=dict)
    statements: tuple[Statement, ...] = ()
    failure: Statement | None = None
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
    confinement: Confinement | None = None,
    options: Options | None = None,
    permit: Permit | None = None,
) -> StepResult:
    """Verify the inputs, run the command, hash what it made, and describe the run as SLSA Provenance v1.

    1 check names and paths. 2 every input is vouched for by `evidence`. 3 hash the code, look at the
    interpreter and the source revision. 4 redeem the permit. 5 outputs are absent or empty (`overwrite`: set
    aside). 6 run until the last process has ended. 7 inputs and code are unchanged. 8 hash the outputs where
    nobody else can reach them, then put them into place.

    Files named in the command that are neither input nor output count as code. `stdout` is a descriptor
    that takes the command's output. Without `confinement` nothing confines the command. Raises Rejected
    (an input is not accounted for, or changed while the step ran), InputError, UsageError.
    """
    _check(step, command, inputs, outputs)  # 1
    confinement, options = confinement or Unconfined(), options or Options()
    accounted = tuple(account(name, path, evidence) for name, path in inputs.items())  # 2
    code = [*code, *files_in(command, [*inputs.values(), *outputs.values(), *code])]  # 3
    plan = Plan(
        step, command, accounted, outputs, {path: digest_of(path) for path in code}, invocation=uuid.uuid4()
    )
    tools, observed = toolchain(command, confinement.ask)
    revision = source_revision(code[0].resolve().parent if code else Path.cwd(), code)
    granted = [permit.redeem(plan)] if permit else []  # 4
    job = Job(command, inputs, outputs, code, programs(command), options, stdout)
    with ExitStack() as held:
        with vacated(outputs, overwrite=overwrite, suffix=plan.invocation.hex[:8]) as set_aside:  # 5
            started = instant.now()
            outcome = held.enter_context(confinement.running(job))  # 6
            finished = instant.now()
        record = Record(
            plan,
            materials=[*granted, *([revision] if revision else []), *tools, *outcome.materials],
            internal={"grade": confinement.grade, **outcome.recorded, **observed},
            started=started,
            finished=finished,
        )
        if outcome.exit_code != 0:
            _keep(outputs, outcome)
            failed = StepResult(outcome.exit_code, accounted, outcome, set_aside=tuple(set_aside))
            return replace(failed, failure=record.failure(outcome))
        _refuse_changes(plan)  # 7
        products = {name: product(name, path, outcome.outputs[name]) for name, path in outputs.items()}  # 8
        for name, path in outputs.items():
            place(name, path, outcome.outputs[name])
    for path in set_aside:
        remove(path)
    return StepResult(0, accounted, outcome, products, record.statements(products))


def _keep(outputs: Mapping[str, Path], outcome: Outcome) -> None:
    """Leave what a failed command had made where it would have been: hours of work may be in it."""
    for name, path in outputs.items():
        if os.path.lexists(outcome.outputs[name]):
            place(name, path, outcome.outputs[name])


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


def _refuse_changes(plan: Plan) -> None:
    before = {f"input {item.name}": (item.path, item.digest) for item in plan.inputs}
    before |= {f"code {path.name}": (path, digest) for path, digest in plan.code.items()}
    for what, (path, digest) in before.items():
        now = digest_of(path) if path.exists() else None
        if now != digest:
            raise Rejected(
                f"{what} changed while the step ran: it was {digest}, it is {now or 'gone'}",
                where=str(path),
                help="nothing was signed; find out what writes to it, then run the step again",
            )
