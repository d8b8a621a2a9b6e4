"""evaluated: this artifact was measured, and every standing measurement meets the thresholds.

The worst standing value of a metric counts, not the best of twenty runs. Evaluation data must be no input
of the training, nothing that an input was made from, and not made from an input. With `no-regression`, the
value may not fall more than that below the release that the stage points to now. With `independent` (the
default) the evaluator is not the trainer.
"""

from __future__ import annotations

import math

import msgspec

from modelward.attest.predicates import Evaluation, Provenance
from modelward.attest.trust_rules import same
from modelward.core.digest import Digest
from modelward.gate.checks.options import Options
from modelward.gate.checks.wording import refused_lines
from modelward.gate.context import Check, Context, Outcome
from modelward.gate.evidence import Typed


class MetricOptions(Options, frozen=True, kw_only=True):
    """Bounds of one metric. `no_regression` is an absolute distance, for metrics where more is better."""

    min: float | None = None
    max: float | None = None
    no_regression: float | None = None

    def __post_init__(self) -> None:
        """Refuse NaN, which no value is below."""
        bounds = (self.min, self.max, self.no_regression)
        if not all(math.isfinite(bound) for bound in bounds if bound is not None):
            raise ValueError("a bound must be a finite number")
        if self.no_regression is not None and self.no_regression < 0:
            raise ValueError("no-regression is a distance, so not negative")


class EvaluatedOptions(Options, frozen=True, kw_only=True):
    """The metrics that count. Without any, an independent evaluation on other data is still asked for."""

    metrics: dict[str, MetricOptions] = msgspec.field(default_factory=dict)
    independent: bool = True


def run(context: Context, options: EvaluatedOptions) -> Outcome:
    """Judge all standing evaluations."""
    found = context.evidence.about(context.request.artifact, Evaluation)
    if not found:
        lines = ("no authorised evaluation of this artifact", *refused_lines(context, Evaluation))
        return Outcome("fail", lines, help="modelward eval PATH --data … --harness … --metrics FILE")
    problems = _leaks(context, found)
    if options.independent:
        problems += _self_evaluations(context, found)
    said = []
    for name, bounds in options.metrics.items():
        values = [evaluation.predicate.metrics.get(name, math.nan) for evaluation in found]
        if any(not math.isfinite(value) for value in values):
            problems.append(f"{name} was not measured in every evaluation")
            continue
        problems += _out_of_bounds(name, values, bounds)
        if bounds.no_regression is not None:
            problems += _regression(context, name, min(values), bounds.no_regression)
        said.append(f"{name} {min(values):.4g}")
    if problems:
        return Outcome(
            "fail", tuple(problems), help="evaluate a better version, or supersede a mistaken run by name"
        )
    measured = ", ".join(said) or f"{len(found)} evaluations, no threshold set"
    return Outcome("ok", (f"{measured}, by {found[-1].verified.principal.name}",))


def _out_of_bounds(name: str, values: list[float], bounds: MetricOptions) -> list[str]:
    problems = []
    if bounds.min is not None and min(values) < bounds.min:
        problems.append(f"{name} {min(values):.4g} is below {bounds.min:.4g}")
    if bounds.max is not None and max(values) > bounds.max:
        problems.append(f"{name} {max(values):.4g} is above {bounds.max:.4g}")
    return problems


def _regression(context: Context, name: str, value: float, allowed: float) -> list[str]:
    if context.request.baseline is None or context.request.baseline == context.request.artifact:
        return []
    before = [
        evaluation.predicate.metrics[name]
        for evaluation in context.evidence.about(context.request.baseline, Evaluation)
        if math.isfinite(evaluation.predicate.metrics.get(name, math.nan))
    ]
    if not before:
        return [f"{name} of the current release is unknown, so a regression cannot be excluded"]
    if value < min(before) - allowed:
        return [f"{name} {value:.4g} falls behind the current release ({min(before):.4g})"]
    return []


def _leaks(context: Context, found: list[Typed[Evaluation]]) -> list[str]:
    """Evaluation data that is, or is behind, what the model was trained on; or that was made from it."""
    trained_on = set(context.training_inputs())
    behind = {digest for used in trained_on for digest in context.evidence.made_from(used)}
    return [
        f"the evaluation of entry {evaluation.index} used training data"
        for evaluation in found
        if (data := Digest.parse(evaluation.predicate.data.digest)) in behind
        or trained_on & set(context.evidence.made_from(data))
    ]


def _self_evaluations(context: Context, found: list[Typed[Evaluation]]) -> list[str]:
    trainers = {
        same(step.verified.principal.person)
        for step in context.evidence.about(context.request.artifact, Provenance)
    }
    return [
        f"{evaluation.verified.principal.name} trained the model, so cannot evaluate it"
        f" (entry {evaluation.index})"
        for evaluation in found
        if same(evaluation.verified.principal.person) in trainers
    ]


CHECK = Check("evaluated", "evaluated above the thresholds", EvaluatedOptions, run)
