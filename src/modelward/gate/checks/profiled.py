"""profiled: every dataset behind the model was profiled, and the figures are within the policy's bounds.

Datasets are what the training used and no recorded step made, base models left out. Every standing profile
counts, the worst figure decides, and a bounded figure that a profile lacks fails. `max-evaluation-overlap`
counts rows of an evaluation set that the training data has too (the same row, the same or nearly the same
words, or a run of 13 words); the data of each standing evaluation of the model must be among those that the
profile was compared with.
"""

from __future__ import annotations

import math

from modelward.attest.predicates import Evaluation, Profile, Provenance, Snapshot, Version
from modelward.core.counting import counted
from modelward.core.digest import Digest
from modelward.gate.checks.options import Options
from modelward.gate.checks.wording import refused_lines
from modelward.gate.context import Check, Context, Outcome
from modelward.gate.evidence import Typed

_HELP = "modelward data profile PATH --name NAME --against EVALUATION_DATA, by a data steward"


class ProfiledOptions(Options, frozen=True, kw_only=True):
    """Bounds of the figures of the statement `profile`; shares are between 0 and 1."""

    max_evaluation_overlap: int | None = None
    max_missing: float | None = None
    max_duplicate_rows: float | None = None
    max_duplicate_texts: float | None = None
    max_near_duplicates: float | None = None
    max_label_imbalance: float | None = None
    max_label_conflicts: float | None = None
    max_group_gap: float | None = None
    max_personal_rows: int | None = None
    max_toxic: float | None = None
    max_other_languages: float | None = None
    max_unlicensed: float | None = None
    max_drift: float | None = None

    def __post_init__(self) -> None:
        """Refuse NaN, which nothing is above, and a bound that nothing can meet."""
        for name in self.__struct_fields__:
            bound = getattr(self, name)
            if bound is not None and not (math.isfinite(bound) and bound >= 0):
                raise ValueError("a bound must be a finite number, 0 or more")

    def bounds(self) -> dict[str, float]:
        """The bounds that are set, by the name of the figure."""
        values = {name.removeprefix("max_"): getattr(self, name) for name in self.__struct_fields__}
        overlap = "evaluation_overlap"
        return {name: value for name, value in values.items() if value is not None and name != overlap}


def run(context: Context, options: ProfiledOptions) -> Outcome:
    """Judge all standing profiles of the training data."""
    datasets = training_data(context)
    if not datasets:
        return Outcome(
            "fail",
            ("no dataset is known to have been trained on",),
            help="record training with modelward run --in NAME=DATASET",
        )
    problems: list[str] = []
    names = []
    for digest in datasets:
        profiles = context.evidence.about(digest, Profile)
        name = profiles[-1].predicate.dataset if profiles else digest.short
        names.append(name)
        if not profiles:
            problems += [f"{name} has no profile", *refused_lines(context, Profile, digest)]
            continue
        problems += _out_of_bounds(name, profiles, options.bounds())
        if options.max_evaluation_overlap is not None:
            problems += _overlaps(context, name, profiles, options.max_evaluation_overlap)
    if problems:
        return Outcome("fail", tuple(dict.fromkeys(problems)), help=_HELP)
    return Outcome("ok", (f"{counted(len(names), 'dataset')}: {', '.join(sorted(set(names)))}",))


def training_data(context: Context) -> list[Digest]:
    """What the steps of the model's lineage used and no recorded step made, base models left out."""
    about = context.evidence.about
    found: dict[Digest, None] = {}
    for subject in context.evidence.made_from(context.request.artifact):
        for step in about(subject, Provenance):
            for digest in context.inputs_of(step.predicate):
                is_base = about(digest, Version) and not about(digest, Snapshot)
                if not is_base and not about(digest, Provenance):
                    found[digest] = None
    return list(found)


def _out_of_bounds(name: str, profiles: list[Typed[Profile]], bounds: dict[str, float]) -> list[str]:
    problems = []
    for figure, bound in bounds.items():
        values = [getattr(found.predicate.figures, figure) for found in profiles]
        words = figure.replace("_", " ")
        if any(value is None for value in values):
            problems.append(f"{name}: {words} was not measured")
        elif max(values) > bound:
            problems.append(f"{name}: {words} {max(values):.4g} is above {bound:.4g}")
    return problems


def _overlaps(context: Context, name: str, profiles: list[Typed[Profile]], bound: int) -> list[str]:
    problems = []
    compared = [one for found in profiles for one in found.predicate.against]
    for one in compared:
        if one.near is None:
            problems.append(f"{name}: near overlap with {one.name} was not measured")
        if one.shared > bound:
            problems.append(f"{name}: has {one.shared:,} of {one.rows:,} rows of {one.name}, above {bound:,}")
    for evaluation in context.evidence.about(context.request.artifact, Evaluation):
        data = evaluation.predicate.data
        if not any(one.digest == data.digest for one in compared):
            problems.append(
                f"{name}: was not compared with {data.name}, which the model was evaluated with"
                f" (entry {evaluation.index})"
            )
    return problems


CHECK = Check("profiled", "training data profiled, figures within bounds", ProfiledOptions, run)
