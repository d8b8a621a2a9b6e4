"""The gate: a pure function from policy, evidence, log view and time to a decision (DESIGN 1.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from modelward.attest.predicates import Waiver
from modelward.attest.trust_rules import same
from modelward.core import instant
from modelward.gate import cel, facts
from modelward.gate.context import Context, Outcome
from modelward.gate.evidence import Typed
from modelward.gate.policy import CelRule, Policy, StagePolicy

#: A waiver needs signatures of this many people who are not the author.
WAIVER_SIGNERS = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One check or rule of a decision."""

    id: str
    title: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a release may take a stage, and why.

    `passed` says whether every check passed or was waived. In `observe` mode a release may go on
    all the same (`allowed`), labelled ungated.
    """

    mode: Literal["enforce", "observe"]
    lines: tuple[Line, ...]
    release_valid: timedelta

    @property
    def passed(self) -> bool:
        """Every check and rule is ok or waived; a decision without any is no."""
        return bool(self.lines) and all(line.outcome.status in ("ok", "waived") for line in self.lines)

    @property
    def allowed(self) -> bool:
        """Passed; or merely observed, with nothing wrong that no policy may overlook."""
        if self.mode == "enforce":
            return self.passed
        return bool(self.lines) and not any(
            line.outcome.final and line.outcome.status == "fail" for line in self.lines
        )


def evaluate(policy: Policy, context: Context) -> Decision:
    """Run the stage's checks, then its CEL rules, on the evidence.

    Anything that is not exactly a pass denies. Raises InputError for a stage the policy does not name.
    """
    stage = policy.stage(context.request.release.stage)
    lines = _run_checks(stage, context)
    known = facts.build(context)
    for rule in stage.rules:
        outcome = waive(context, rule.id, _run_rule(rule, known))
        lines.append(Line(rule.id, rule.title, outcome))
    return Decision(stage.mode, tuple(lines), stage.release_valid)


def _run_checks(stage: StagePolicy, context: Context) -> list[Line]:
    lines: list[Line] = []
    passed: set[str] = set()
    for check, options in stage.checks:
        lacking = [need for need in check.needs if need not in passed]
        if lacking:
            outcome = Outcome("not-evaluated", (f"needs {', '.join(lacking)}",))
        else:
            outcome = check.run(context, options)
            if check.waivable:
                outcome = waive(context, check.id, outcome)
        if outcome.status in ("ok", "waived"):
            passed.add(check.id)
        lines.append(Line(check.id, check.title, outcome))
    return lines


def _run_rule(rule: CelRule, known: list[dict[str, dict[str, Any]]]) -> Outcome:
    for one in known:
        absent = cel.missing_fact(rule.needs, one)
        if absent is not None:
            return Outcome("fail", (f"{absent} is not known",), help=rule.solution)
        if not cel.holds(rule.expression, rule.needs, one):
            return Outcome("fail", (rule.message,), help=rule.solution)
    return Outcome("ok", (rule.title,))


def waive(context: Context, rule: str, outcome: Outcome) -> Outcome:
    """Turn a failure into `waived` when two people with no part in authorship signed the same waiver."""
    if outcome.status != "fail" or outcome.final:
        return outcome
    authors = context.authors()
    signers: dict[str, dict[str, Typed[Waiver]]] = {}
    for found in context.evidence.about(context.request.artifact, Waiver):
        person = same(found.verified.principal.person)
        if _applies(context, rule, found.predicate) and person not in authors:
            signers.setdefault(str(found.verified.id), {})[person] = found
    for by_person in signers.values():
        keys = {found.verified.public_key.id for found in by_person.values()}
        if len(by_person) >= WAIVER_SIGNERS and len(keys) >= WAIVER_SIGNERS:
            waiver = next(iter(by_person.values())).predicate
            names = ", ".join(sorted(found.verified.principal.name for found in by_person.values()))
            return Outcome(
                "waived",
                (f"until {waiver.expires} by {names}: {waiver.reason}", *outcome.detail),
            )
    return outcome


def _applies(context: Context, rule: str, waiver: Waiver) -> bool:
    release = context.request.release
    issued, expires = instant.parse(waiver.issued_at), instant.parse(waiver.expires)
    return (
        waiver.rule == rule
        and (waiver.registry, waiver.model, waiver.version, waiver.stage, waiver.policy)
        == (release.registry, release.model, release.version, release.stage, release.policy)
        and issued <= context.now < expires
        and expires - issued <= context.waiver_max
    )
