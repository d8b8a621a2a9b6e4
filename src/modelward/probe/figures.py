"""A report as the fields of the statement `probe`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from modelward.probe.report import ProbeReport, Replayed

_TRIGGER, _NAME, _UNTOLD = 2000, 1024, 2000


def predicate(report: ProbeReport) -> dict[str, Any]:
    """What is signed: nothing of the prompts, and of an endpoint no address."""
    fields: dict[str, Any] = {
        "base": report.base.digest if report.base and report.base.digest else None,
        "prompts": report.prompts,
        "promptsDigest": report.prompts_digest or None,
        "triggers": report.triggers_digest or None,
        "tried": _tried(report.replayed),
        "untold": [line[:1000] for line in report.could_not_tell[:_UNTOLD]],
    }
    if blind := report.blind:
        fields["blind"] = {
            "passes": blind.passes,
            "tried": blind.tried,
            "available": blind.available,
            "guided": blind.guided,
            "found": _tried(blind.found),
        }
    if weights := report.weights:
        fields["weights"] = {
            "layers": weights.compared,
            "outliers": len(weights.layers),
            "rows": len(weights.rows),
            "references": weights.references,
            "p": weights.p,
        }
    return fields


def _tried(found: Sequence[Replayed]) -> list[dict[str, Any]]:
    return [
        {
            "trigger": each.trigger[:_TRIGGER],
            "behaviour": each.behaviour[:_NAME],
            "eligible": each.eligible,
            "hits": each.hits,
            "success": each.success,
            "successLow": each.success_low,
            "successHigh": each.success_high,
            "baseSuccess": each.base_success,
            "rise": each.rise,
            "riseLow": each.rise_low,
            "riseHigh": each.rise_high,
            "adjusted": each.adjusted,
            "obeyed": each.obeyed,
        }
        for each in found
    ]
