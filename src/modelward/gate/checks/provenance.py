"""provenance: a recorded step made this artifact, and each of its inputs is itself accounted for.

Walks from the artifact through SLSA provenance to datasets (which the custody check judges) and base
models. An input is accounted for when a step made it, a publisher registered it, or it is a snapshot of a
dataset. An input that nobody vouches for fails.
"""

from __future__ import annotations

from modelward.attest.predicates import Provenance, Snapshot, Version
from modelward.core.counting import counted
from modelward.core.digest import Digest
from modelward.gate.checks.options import NoOptions
from modelward.gate.checks.wording import refused_lines
from modelward.gate.context import Check, Context, Outcome, uncheckable_inputs


def run(context: Context, options: NoOptions) -> Outcome:
    """Walk the chain."""
    artifact = context.request.artifact
    made = context.evidence.about(artifact, Provenance)
    if not made:
        lines = ("no recorded step made this artifact", *refused_lines(context, Provenance))
        return Outcome("fail", lines, help="make it with modelward run STEP --in … --out … -- COMMAND")
    problems: list[str] = []
    steps = 0
    seen: set[Digest] = set()
    frontier = [artifact]
    while frontier:
        subject = frontier.pop()
        if subject in seen:
            continue
        seen.add(subject)
        for found in context.evidence.about(subject, Provenance):
            steps += 1
            inputs = context.inputs_of(found.predicate)
            unnamed = uncheckable_inputs(found.predicate)
            if not inputs and not unnamed:
                problems.append(f"the step of entry {found.index} declares no input")
            problems += [f"{name} of entry {found.index} has no sha256 or dirHash digest" for name in unnamed]
            for digest in inputs:
                if not _vouched(context, digest):
                    problems.append(f"input {digest.short} of entry {found.index}: nobody vouches for it")
                frontier.append(digest)
    if problems:
        return Outcome("fail", tuple(problems), help="run the step on inputs that are recorded")
    return Outcome(
        "ok", (f"{counted(steps, 'recorded step')}, by {made[-1].verified.principal.name} (trainer)",)
    )


def _vouched(context: Context, digest: Digest) -> bool:
    return any(context.evidence.about(digest, kind) for kind in (Provenance, Version, Snapshot))


CHECK = Check("provenance", "made by recorded steps from accounted inputs", NoOptions, run)
