"""data-checked: every dataset behind the model was looked through for poison, and nothing in it is open.

Datasets are what the training used and no recorded step made, base models left out; the check must be of
these very bytes. Every standing check counts: each critical finding must be decided benign by an authorised
reviewer who had no part in the data (custody or snapshots of it, or of what it was made from), and none may
be decided poison or unsure. At least one check must meet all that the policy asks for: detectors of at least
the versions in `detectors`, a comparison with trusted data (`history`, with `min-history-rows`), a false
discovery rate of at most `max-level`, and the power to have found so few poisoned rows as
`max-detectable-rows`. A check that could not tell something passes only with `allow-cannot-tell`. With
`decide-review` findings of the tier review must be decided too. A finding that was decided poison cannot be
waived.
"""

from __future__ import annotations

import math
from typing import Annotated

import msgspec

from modelward.attest.predicates import DataCheck
from modelward.attest.trust_rules import CLOCK_SKEW
from modelward.core import instant
from modelward.core.counting import counted
from modelward.core.digest import Digest
from modelward.gate.checks.options import Options
from modelward.gate.checks.profiled import training_data
from modelward.gate.checks.wording import refused_lines
from modelward.gate.context import Check, Context, Outcome
from modelward.gate.data_decisions import contributors, decided
from modelward.gate.evidence import Typed

_CHECK = "modelward data check PATH --name NAME, by a data steward"
_REVIEW = "modelward data review FINDING benign --reason …, by somebody with no part in the data"

_Version = Annotated[int, msgspec.Meta(ge=1)]
_Rows = Annotated[int, msgspec.Meta(ge=1)]


class DataCheckedOptions(Options, frozen=True, kw_only=True):
    """What a check of the data must have been."""

    detectors: dict[str, _Version] = msgspec.field(default_factory=dict)
    history: bool = False
    min_history_rows: _Rows | None = None
    max_level: float = 0.01
    max_detectable_rows: _Rows | None = None
    allow_cannot_tell: bool = False
    decide_review: bool = False
    max_age: str | None = None

    def __post_init__(self) -> None:
        """Refuse what bounds nothing when the policy is read, not when a release is judged."""
        if not (math.isfinite(self.max_level) and 0 < self.max_level <= 1):
            raise ValueError("max-level is a rate above 0, at most 1")
        if self.max_age is not None:
            instant.parse_duration(self.max_age)


def run(context: Context, options: DataCheckedOptions) -> Outcome:
    """Judge all standing checks of the training data."""
    datasets = training_data(context)
    if not datasets:
        return Outcome(
            "fail",
            ("no dataset is known to have been trained on",),
            help="record training with modelward run --in NAME=DATASET",
        )
    problems: list[str] = []
    help, final = _CHECK, False
    names = []
    for digest in datasets:
        checks = context.evidence.about(digest, DataCheck)
        name = checks[-1].predicate.dataset if checks else digest.short
        names.append(name)
        if not checks:
            problems += [f"{name} has no check for poison", *refused_lines(context, DataCheck, digest)]
            continue
        lacking = [_lacking(context, digest, found, options) for found in checks]
        if all(lacking):
            problems.append(f"{name}: {'; '.join(lacking[-1])} (entry {checks[-1].index})")
        open_findings, poisoned = _open(context, digest, name, checks, options)
        problems += open_findings
        final |= poisoned
        if open_findings and not all(lacking):
            help = _REVIEW if not poisoned else "modelward data quarantine, then train on the cleaned data"
    if problems:
        return Outcome("fail", tuple(dict.fromkeys(problems)), help=help, final=final)
    return Outcome("ok", (f"{counted(len(names), 'dataset')}: {', '.join(sorted(set(names)))}",))


def _lacking(
    context: Context, dataset: Digest, found: Typed[DataCheck], options: DataCheckedOptions
) -> list[str]:
    """What one check is short of."""
    check = found.predicate
    problems = []
    versions = {detector.name: detector.version for detector in check.detectors}
    for name, least in sorted(options.detectors.items()):
        if name not in versions:
            problems.append(f"detector {name} did not run")
        elif versions[name] < least:
            problems.append(f"detector {name} is version {versions[name]}, not {least}")
    problems += _history(context, dataset, check, options)
    if not check.level <= options.max_level:
        problems.append(f"its error rate {check.level:g} is above {options.max_level:g}")
    if check.could_not_tell and not options.allow_cannot_tell:
        problems.append(f"it could not tell: {check.could_not_tell[0]}")
    problems += _blind(check, options.max_detectable_rows)
    moment = instant.parse(check.checked_at)
    if moment > context.now + CLOCK_SKEW:
        problems.append(f"it is dated in the future: {check.checked_at}")
    if options.max_age is not None and context.now - moment > instant.parse_duration(options.max_age):
        problems.append(f"it is older than {options.max_age}")
    return problems


def _history(context: Context, dataset: Digest, check: DataCheck, options: DataCheckedOptions) -> list[str]:
    revoked = {gone.digest for gone in context.revoked}
    problems = [
        f"its history {one.name} was revoked" for one in check.history if Digest.parse(one.digest) in revoked
    ]
    own = (str(dataset), check.set_root)
    others = [one for one in check.history if one.digest != own[0] and one.set_root != own[1]]
    wanted = options.min_history_rows or (1 if options.history else 0)
    if sum(one.rows for one in others) < wanted:
        problems.append(
            f"its history has {sum(one.rows for one in others):,} rows, not {wanted:,}"
            if others
            else "it was compared with no trusted history"
        )
    return problems


def _blind(check: DataCheck, most: int | None) -> list[str]:
    """Where the check would have overlooked more poisoned rows than that."""
    if most is None:
        return []
    if not check.power:
        return ["it does not say how few poisoned rows it could have found"]
    problems = []
    for power in check.power:
        if power.never:
            problems.append(
                f"{power.check} could find no number of rows for {counted(power.never, 'behaviour')}"
            )
        if power.most is not None and power.most > most:
            problems.append(f"{power.check} could find no fewer than {power.most:,} poisoned rows")
    return problems


def _open(
    context: Context,
    dataset: Digest,
    name: str,
    checks: list[Typed[DataCheck]],
    options: DataCheckedOptions,
) -> tuple[list[str], bool]:
    """Findings that nobody called benign, and whether one of them is poison."""
    people = contributors(context.evidence, dataset)
    problems: dict[str, None] = {}
    poisoned = False
    for found in checks:
        check = found.predicate
        listed = [finding for finding in check.findings if finding.tier == "critical"]
        if len({finding.id for finding in listed}) < check.critical:
            named = f"{check.critical} critical findings, of which {len(listed)} are named"
            problems[f"{name}: {named} (entry {found.index})"] = None
        for finding in check.findings:
            told = decided(context.evidence, Digest.parse(finding.id), people)
            poisoned |= told.verdict == "poison"
            must = finding.tier == "critical" or options.decide_review or told.verdict == "poison"
            if not must or told.verdict == "benign":
                continue
            what = f"decided {told.verdict} by {told.by}" if told.verdict else "undecided"
            words = f"{name}: {finding.tier} finding {Digest.parse(finding.id).short} of {finding.check} in"
            problems[f"{words} {counted(finding.rows, 'row')} is {what}"] = None
            problems.update(dict.fromkeys(f"found {line}" for line in told.left_out))
    return list(problems), poisoned


CHECK = Check("data-checked", "training data checked for poison, nothing open", DataCheckedOptions, run)
