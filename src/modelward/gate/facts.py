"""The facts that CEL rules read, computed from the same verified evidence as the built-in checks."""

from __future__ import annotations

from typing import Any

from modelward.attest.predicates import (
    Approval,
    Custody,
    DataCheck,
    Evaluation,
    Profile,
    Scan,
    Snapshot,
)
from modelward.attest.predicates.profile import Figures
from modelward.gate.checks.profiled import training_data
from modelward.gate.context import Context


def build(context: Context) -> list[dict[str, dict[str, Any]]]:
    """All facts by namespace, once for each standing evaluation: a rule must hold in every one of them.

    A fact that is not known is absent, so a rule that needs it fails.

    - model: name, version, origin, author
    - stage: name, sequence
    - metrics: each metric of that evaluation, as a double
    - scan: verdict (of all standing scans the worst)
    - data: datasets (count), rows (all snapshots together), licences (list; "" for data collected without)
    - profile: datasets (how many have one), overlap (rows of an evaluation set in the training data), and the
      figures of the statement `profile` by name; of all profiles the worst, absent where one lacks it
    - poison: datasets (how many were checked for it), critical and review (findings of all standing checks,
      decided or not), history_rows (of the trusted data, the least of all checks)
    - approvals: count (signatures, before the `approved` check leaves any out)
    - files: count, bytes
    """
    release = context.request.release
    facts: dict[str, dict[str, Any]] = {
        "model": {"name": release.model, "version": release.version},
        "stage": {"name": release.stage, "sequence": context.request.sequence},
        "metrics": {},
        "scan": {},
        "data": _data(context),
        "profile": _profile(context),
        "poison": _poison(context),
        "approvals": {"count": len(context.evidence.about(context.request.artifact, Approval))},
        "files": {},
    }
    versions = context.versions()
    if versions:
        version = versions[0].predicate
        facts["model"] |= {"origin": version.origin, "author": version.author}
        facts["files"] = {"count": version.files, "bytes": version.bytes}
    verdicts = {found.predicate.verdict for found in context.evidence.about(context.request.artifact, Scan)}
    for verdict in ("malicious", "unverified", "incomplete", "clean"):
        if verdict in verdicts:
            facts["scan"]["verdict"] = verdict
            break
    evaluations = context.evidence.about(context.request.artifact, Evaluation)
    if not evaluations:
        return [facts]
    return [
        facts | {"metrics": {name: float(value) for name, value in found.predicate.metrics.items()}}
        for found in evaluations
    ]


def _data(context: Context) -> dict[str, Any]:
    ancestors = context.evidence.ancestors(context.request.artifact)
    snapshots = [found for digest in ancestors for found in context.evidence.about(digest, Snapshot)]
    licences = {
        found.predicate.licence
        for digest in ancestors
        for found in context.evidence.about(digest, Custody)
        if found.predicate.licence or found.predicate.operation == "collect"
    }
    facts: dict[str, Any] = {"licences": sorted(licences)}
    if snapshots:
        facts["datasets"] = len({str(found.verified.statement.subject) for found in snapshots})
        facts["rows"] = sum(found.predicate.rows for found in snapshots)
    return facts


def _profile(context: Context) -> dict[str, Any]:
    by_dataset = [context.evidence.about(digest, Profile) for digest in training_data(context)]
    profiles = [found.predicate for found_here in by_dataset for found in found_here]
    if not profiles or not all(by_dataset):
        return {}  # of a dataset without a profile nothing is known
    facts: dict[str, Any] = {"datasets": len(by_dataset)}
    if all(profile.against for profile in profiles):
        facts["overlap"] = max(one.shared for profile in profiles for one in profile.against)
    for name in Figures.__struct_fields__:
        values = [getattr(profile.figures, name) for profile in profiles]
        if all(value is not None for value in values):
            facts[name] = max(values)
    return facts


def _poison(context: Context) -> dict[str, Any]:
    by_dataset = [context.evidence.about(digest, DataCheck) for digest in training_data(context)]
    checks = [found.predicate for found_here in by_dataset for found in found_here]
    if not checks or not all(by_dataset):
        return {}  # a dataset that was not checked is not clean
    return {
        "datasets": len(by_dataset),
        "critical": sum(check.critical for check in checks),
        "review": sum(check.review for check in checks),
        "history_rows": min(sum(one.rows for one in check.history) for check in checks),
    }
