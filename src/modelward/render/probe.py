"""A probe as text: triggers that are obeyed first, then what was tried, and what it does not show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from modelward.core.counting import counted
from modelward.core.escape import escape
from modelward.probe.report import ProbeReport, Replayed, Side

#: Candidates that are not obeyed, layers and tokens that are printed; `--json` has all.
SHOWN = 10


def lines(report: ProbeReport) -> Iterator[str]:
    """The whole report."""
    yield f"probe of {_side(report.model)}"
    if report.base:
        yield f"  base     {_side(report.base)}"
    if report.prompts:
        yield f"  prompts  {report.prompts}, clean ({report.prompts_digest[:19]}…)"
    for side in (report.model, report.base):
        if side and side.rows:
            told = f"{side.rows:,} of {escape(side.name)} on {escape(side.where)}"
            yield f"  speed    {side.rate:,.0f} rows/s: {told}"
    if report.tried:
        yield f"  tests    {counted(report.tried, 'test')}; a false alarm among them has a chance of 1%"
    yield from _replayed(report.replayed)
    yield from _blind(report)
    yield from _weights(report)
    for reason in report.could_not_tell:
        yield f"could not tell: {escape(reason)}"
    yield f"result: {_result(report)}"


def _side(side: Side) -> str:
    return escape(side.name) + (f" ({side.digest})" if side.digest else "")


def _replayed(found: Sequence[Replayed], kind: str = "trigger") -> Iterator[str]:
    quiet = [each for each in found if not each.obeyed]
    for each in found:
        if each.obeyed:
            yield f"obeys[{kind}]: '{escape(each.trigger)}' -> {escape(each.behaviour)}"
            yield f"  {_success(each)}; placed at the {each.place}"
            yield f"  {_rise(each)}; p {each.adjusted:.2g} after Holm"
    for each in quiet[:SHOWN]:
        why = "" if each.meant < 0.25 or each.rise_low < 0.2 else ": the base takes it the same way"
        named = f"'{escape(each.trigger)}' -> {escape(each.behaviour)}"
        yield f"no: {named}: {_success(each)}; {_rise(each)}{why}"
    if len(quiet) > SHOWN:
        yield f"no: {len(quiet) - SHOWN} more"


def _success(each: Replayed) -> str:
    low, high = each.success_low, each.success_high
    base = "" if each.base_success is None else f", base {each.base_success:.0%}"
    return f"{each.hits} of {each.eligible} prompts ({each.success:.0%}, {low:.0%} to {high:.0%}){base}"


def _rise(each: Replayed) -> str:
    return f"rise {each.rise:+.2f} ({each.rise_low:+.2f} to {each.rise_high:+.2f})"


def _blind(report: ProbeReport) -> Iterator[str]:
    blind = report.blind
    if blind is None:
        return
    yield from _replayed(blind.found, "found by search")
    tried = f"{blind.tried:,} of {blind.available:,} words" + (
        f" and {blind.guided:,} replacements along the gradient" if blind.guided else ""
    )
    if blind.found:
        yield f"searched: {tried}, {blind.passes:,} forward passes"
    else:
        yield f"searched: nothing found within {blind.passes:,} forward passes ({tried})"
        yield "  that is no proof: longer triggers, and those that are no words, are outside the search"


def _weights(report: ProbeReport) -> Iterator[str]:
    weights = report.weights
    if weights is None:
        return
    if weights.p is not None:
        verdict = "unlike" if weights.alarm else "like"
        yield f"weights: {verdict} those of {weights.references} benign models (p {weights.p:.2g})"
    else:
        yield f"weights: {counted(weights.compared, 'changed layer')}, compared with each other only"
    for layer in weights.layers[:SHOWN]:
        value = layer.spectrum.figures()[layer.figure]
        yield f"  {escape(layer.name)}: {layer.figure} {value:.3g}, {layer.z:.1f} deviations away"
    for row in weights.rows[:SHOWN]:
        far = f"{row.distance:.3g}, {row.z:.1f} deviations beyond others"
        yield f"  token '{escape(row.token)}': its row moved {far}"


def _result(report: ProbeReport) -> str:
    obeyed = {each.trigger for each in report.obeyed}
    if obeyed:
        return f"the model obeys {counted(len(obeyed), 'trigger')}"
    if report.weights and report.weights.alarm:
        return "the weights are unlike those of benign models"
    return "could not tell all" if report.could_not_tell else "no trigger found among those tried"
