"""derived: the weights of this artifact are those of the base model that it names, with changes.

A base is a model that the steps behind the artifact used: what is registered as a version, or what no
statement calls data and no step made. Each must have a standing comparison by an authorised signer that says
*consistent*; every standing one counts, the worst decides. A comparison with something that no step used
fails: it is a base that the provenance does not name. `required` asks for a base where none is named;
`max-unrelated` bounds the share of weights that are not the base's. `adapters` = false accepts no adapter by
its shapes alone. With `independent` (the default) who compares is not the trainer.
"""

from __future__ import annotations

import math

from modelward.attest.predicates import Custody, Derivation, Provenance, Snapshot, Version
from modelward.attest.trust_rules import CLOCK_SKEW, same
from modelward.core import instant
from modelward.core.counting import counted
from modelward.core.digest import Digest
from modelward.gate.checks.options import Options
from modelward.gate.checks.wording import refused_lines
from modelward.gate.context import Check, Context, Outcome
from modelward.gate.evidence import Typed, materials

_HELP = "modelward derivation MODEL BASE --sign, by an evaluator or scanner"


class DerivedOptions(Options, frozen=True, kw_only=True):
    """What a comparison must show."""

    required: bool = False
    max_unrelated: float = 0.0
    adapters: bool = True
    independent: bool = True

    def __post_init__(self) -> None:
        """Refuse NaN, which nothing is above."""
        if not (math.isfinite(self.max_unrelated) and 0 <= self.max_unrelated <= 1):
            raise ValueError("max-unrelated must be a share between 0 and 1")


def run(context: Context, options: DerivedOptions) -> Outcome:
    """Judge all standing comparisons."""
    artifact = context.request.artifact
    found = context.evidence.about(artifact, Derivation)
    bases = _bases(context)
    if not bases and not found:
        if options.required or context.evidence.refused_about(artifact, Derivation.TYPE):
            lines = ("no base model is named", *refused_lines(context, Derivation))
            return Outcome("fail", lines, help="name the base as an input of modelward run")
        return Outcome("ok", ("no base model is named",))
    compared = {Digest.parse(each.predicate.base.digest) for each in found}
    problems = [
        f"no authorised comparison with the base {base.short}" for base in bases if base not in compared
    ]
    if problems:
        problems += refused_lines(context, Derivation)
    for each in found:
        problems += _judged(context, each, options)
    if options.independent:
        problems += _own(context, found)
    if problems:
        return Outcome("fail", tuple(dict.fromkeys(problems)), help=_HELP)
    names = ", ".join(dict.fromkeys(each.predicate.base.name for each in found))
    signers = ", ".join(dict.fromkeys(each.verified.principal.name for each in found))
    return Outcome("ok", (f"consistent with {counted(len(bases), 'base')} ({names}), by {signers}",))


def _bases(context: Context) -> list[Digest]:
    """The models that the steps behind the artifact used, the nearest first.

    What nobody says is data, and no step made, could be one.
    """
    about = context.evidence.about
    todo = [context.request.artifact]
    seen, bases = set(todo), []
    while todo:
        for step in about(todo.pop(0), Provenance):
            models = [one for one in materials(step.verified.statement) if about(one, Version)]
            for digest in (*models, *context.inputs_of(step.predicate)):
                if digest in seen:
                    continue
                seen.add(digest)
                if about(digest, Version):
                    bases.append(digest)
                elif about(digest, Provenance):
                    todo.append(digest)
                elif not about(digest, Snapshot) and not about(digest, Custody):
                    bases.append(digest)
    return bases


def _judged(context: Context, found: Typed[Derivation], options: DerivedOptions) -> list[str]:
    said = found.predicate
    entry, base = f"(entry {found.index})", Digest.parse(said.base.digest)
    problems = []
    if base == context.request.artifact:
        problems.append(f"was compared with itself {entry}")
    elif base not in context.evidence.made_from(context.request.artifact):
        problems.append(f"no step made it from {said.base.name}, which it was compared with {entry}")
    if said.verdict != "consistent":
        reason = said.reasons[0] if said.reasons else "no reason is given"
        problems.append(f"{said.verdict} with {said.base.name}: {reason} {entry}")
    elif not math.isclose(said.related + said.unrelated + said.untold, 1.0, abs_tol=1e-6):
        problems.append(f"its shares do not add up {entry}")
    if said.unrelated > options.max_unrelated:
        problems.append(
            f"{said.unrelated:.2%} of the weights are not those of {said.base.name},"
            f" above {options.max_unrelated:.2%} {entry}"
        )
    if said.adapter and not options.adapters:
        problems.append(f"an adapter, of which only the shapes were compared {entry}")
    if instant.parse(said.compared_at) > context.now + CLOCK_SKEW:
        problems.append(f"it is dated in the future: {said.compared_at} {entry}")
    return problems


def _own(context: Context, found: list[Typed[Derivation]]) -> list[str]:
    trainers = context.evidence.persons(context.request.artifact, Provenance)
    return [
        f"{each.verified.principal.name} trained the model, so cannot compare it (entry {each.index})"
        for each in found
        if same(each.verified.principal.person) in trainers
    ]


CHECK = Check("derived", "weights are those of the base it names", DerivedOptions, run)
