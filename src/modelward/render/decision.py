"""A gate decision as text."""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.counting import counted
from modelward.core.digest import Digest
from modelward.core.escape import escape
from modelward.gate.evaluate import Decision, Line

_MARKS = {"ok": "ok  ", "fail": "FAIL", "waived": "waiv", "not-evaluated": "----"}


def lines(decision: Decision, stage: str, artifact: Digest, files: int, policy: Digest) -> Iterator[str]:
    """The decision, a line for each check and each of its details, then what would help."""
    yield f"gate {escape(stage)}: {_headline(decision)}"
    yield f"  subject  {artifact.short} ({counted(files, 'file')})   policy {policy.short}"
    width = max((len(line.id) for line in decision.lines), default=0)
    for line in decision.lines:
        details = line.outcome.detail or (line.title,)
        if line.outcome.status == "not-evaluated":
            details = (f"not evaluated: {details[0]}", *details[1:])
        yield f"  {_MARKS[line.outcome.status]}  {line.id:<{width}}  {escape(details[0])}"
        for detail in details[1:]:
            yield f"  {'':4}  {'':<{width}}  {escape(detail)}"
    for line in _failing(decision):
        if line.outcome.help:
            yield f"help: {escape(line.outcome.help)}"


def _headline(decision: Decision) -> str:
    if decision.passed:
        return "ALLOWED"
    if decision.allowed:
        failing = ", ".join(line.id for line in _failing(decision))
        return f"ALLOWED, ungated: the policy only observes; it would deny for {failing}"
    return "DENIED"


def _failing(decision: Decision) -> list[Line]:
    return [line for line in decision.lines if line.outcome.status in ("fail", "not-evaluated")]
