"""custody: every dataset that training or evaluation used has a snapshot and an unbroken custody chain.

From each dataset the chain of custody statements must lead back to a collection that names its source.
`checked = true` asks that no step but the collection rests on a person's word: row digests must prove what
was done. A map whose rows are all accounted for, though not what became of them, passes where the policy says
`allow-maps = true`, and rows that a model made, which name it by digest, where it says
`allow-synthetic = true`. `may-change = ["label"]` names the columns that a label or annotate step may write;
without it, any. An input that is only registered as a model, with no recorded step that made it,
hides the data it was made from: it passes where the policy says `allow-base-models = true`.
"""

from __future__ import annotations

from modelward.attest.predicates import Custody, Evaluation, Provenance, Snapshot, Version
from modelward.core.counting import counted
from modelward.core.digest import Digest
from modelward.gate.checks.options import Options
from modelward.gate.checks.wording import refused_lines
from modelward.gate.context import Check, Context, Outcome


class CustodyOptions(Options, frozen=True, kw_only=True):
    """Whether each operation must be proven from row digests, and what passes all the same."""

    checked: bool = True
    allow_maps: bool = False
    allow_synthetic: bool = False
    may_change: tuple[str, ...] = ()
    allow_base_models: bool = False


def run(context: Context, options: CustodyOptions) -> Outcome:
    """Follow each dataset back to its collection."""
    datasets, bases = _inputs(context)
    if not datasets and not (bases and options.allow_base_models):
        return Outcome(
            "fail",
            ("no dataset is known to have been used",),
            help="record training with modelward run --in NAME=DATASET",
        )
    problems: list[str] = []
    if not options.allow_base_models:
        problems = [f"{digest.short} is registered as a model; its data is unknown" for digest in bases]
    names: list[str] = []
    for digest in datasets:
        snapshots = context.evidence.about(digest, Snapshot)
        name = snapshots[-1].predicate.dataset if snapshots else digest.short
        names.append(name)
        if not snapshots:
            problems.append(f"{name} has no snapshot")
            problems += refused_lines(context, Snapshot, digest)
        problems += _broken(context, digest, name, options)
    if problems:
        return Outcome(
            "fail",
            tuple(dict.fromkeys(problems)),
            help="modelward data custody records the missing step, signed by a data steward",
        )
    back = f"{counted(len(datasets), 'dataset')} back to the source"
    return Outcome("ok", (f"{back}: {', '.join(sorted(set(names)))}",))


def _inputs(context: Context) -> tuple[list[Digest], list[Digest]]:
    """What the lineage was made from and evaluated with: datasets, and models that no recorded step made."""
    datasets: dict[Digest, None] = {}
    bases: dict[Digest, None] = {}
    about = context.evidence.about
    for subject in context.evidence.ancestors(context.request.artifact):
        for step in about(subject, Provenance):
            for digest in context.inputs_of(step.predicate):
                if about(digest, Provenance):
                    continue
                is_base = about(digest, Version) and not about(digest, Snapshot)
                (bases if is_base else datasets)[digest] = None
    for evaluation in about(context.request.artifact, Evaluation):
        datasets[Digest.parse(evaluation.predicate.data.digest)] = None
    return list(datasets), list(bases)


#: What row digests can prove. An operation that is not known here proves nothing.
_PROVABLE = frozenset(
    {"filter", "merge", "split", "shuffle", "dedupe", "label", "annotate", "redact", "delete"}
)


def _broken(context: Context, dataset: Digest, name: str, options: CustodyOptions) -> list[str]:
    problems: list[str] = []
    seen: set[Digest] = set()
    frontier = [dataset]
    while frontier:
        digest = frontier.pop()
        if digest in seen:
            continue
        seen.add(digest)
        steps = context.evidence.about(digest, Custody)
        if not steps:
            problems.append(
                f"{name} has no custody statement from a data steward"
                if digest == dataset
                else f"{name}: the custody of its ancestor {digest.short} is missing"
            )
            problems += refused_lines(context, Custody, digest)
        for step in steps:
            weakness = _weakness(step.predicate, options)
            if weakness:
                problems.append(f"{name}: {weakness} (entry {step.index})")
            frontier += [Digest.parse(named.digest) for named in step.predicate.inputs]
    if not problems and dataset not in _collected(context, seen):
        problems.append(f"{name}: its custody goes in a circle and never back to a collection")
    return problems


def _weakness(step: Custody, options: CustodyOptions) -> str:
    """What is wrong with one step by itself; "" for nothing."""
    if step.operation == "collect":
        if step.inputs:
            return "a collection was made from other data"
        return "" if step.source else "its collection names no source"
    if step.operation == "synthesise":
        if step.generator is None:
            return "a synthesise step names no generator"
        return (
            "" if options.allow_synthetic else f"its rows were made by the model {step.generator.model.name}"
        )
    if not step.inputs:
        return f"a {step.operation} step names no input"
    written = set(step.columns) - set(options.may_change)
    if options.may_change and written and step.operation in ("label", "annotate"):
        return f"the {step.operation} step may not write column {min(written)}"
    if not options.checked or (step.operation in _PROVABLE and step.claim == "checked"):
        return ""
    if step.operation == "map" and step.claim == "mapped":
        return "" if options.allow_maps else "its map step is declared: every row is accounted for, no more"
    return f"the {step.operation} step is only declared"


def _collected(context: Context, chain: set[Digest]) -> set[Digest]:
    """Those of `chain` that were collected, or come from such ones alone."""
    made_from = {
        digest: [
            {Digest.parse(named.digest) for named in step.predicate.inputs}
            for step in context.evidence.about(digest, Custody)
        ]
        for digest in chain
    }
    collected: set[Digest] = set()
    while more := {
        digest
        for digest, steps in made_from.items()
        if digest not in collected and any(inputs <= collected for inputs in steps)
    }:
        collected |= more
    return collected


CHECK = Check("custody", "datasets with snapshot and unbroken custody", CustodyOptions, run)
