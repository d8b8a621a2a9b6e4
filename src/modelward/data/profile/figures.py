"""The figures of a profile that a gate can bound, as the `profile` statement holds them."""

from __future__ import annotations

from typing import Any

from modelward.data.profile import facts
from modelward.data.profile.texts import other_languages


def predicate(profile: facts.Profile) -> dict[str, Any]:
    """The predicate (attest/predicates/profile.py), without its time: nothing of the rows."""
    return {
        "dataset": profile.name,
        "rows": profile.rows,
        "text": list(profile.text.columns),
        "label": profile.label.column if profile.label else None,
        "attributes": sorted({group.attribute for group in profile.groups}),
        "personalKinds": list(profile.personal_kinds),
        "against": [
            {
                "name": overlap.name,
                "digest": overlap.digest,
                "rows": overlap.evaluation_rows,
                "sameRow": overlap.rows,
                "sameText": overlap.texts,
                "near": overlap.near if profile.near else None,
                "grams": overlap.grams,
                "shared": overlap.shared,
            }
            for overlap in profile.overlaps
        ],
        "former": profile.former,
        "figures": {name: value for name, value in figures(profile).items() if value is not None},
        "findings": [
            {"rule": found.rule, "column": found.column, "value": found.value} for found in profile.findings
        ],
        "notMeasured": list(profile.not_measured),
    }


def figures(profile: facts.Profile) -> dict[str, float | None]:
    """The figures by name; None where not measured. Rates are between 0 and 1."""
    rows = profile.rows or 1
    label, text, near = profile.label, profile.text, profile.near
    unlicensed = [licence.rows for licence in profile.licences if not licence.licence]
    indexes = [drift.psi for drift in profile.drifts if drift.psi is not None]
    return {
        "missing": max(
            (column.missing / column.rows for column in profile.columns if column.rows), default=0.0
        ),
        "duplicateRows": profile.duplicates.rows / rows,
        "duplicateTexts": profile.duplicates.texts / rows if text.columns else None,
        "nearDuplicates": near.rows / (near.compared or 1) if near else None,
        "labelImbalance": label.values[0].rows / label.values[-1].rows if label else None,
        "labelConflicts": label.conflicts / rows if label and text.columns else None,
        "groupGap": max((gap.gap for gap in profile.gaps), default=0.0) if profile.groups else None,
        "personalRows": sum(found.rows for found in profile.personal) if profile.personal_kinds else None,
        "toxic": text.toxic.rate if text.toxic else None,
        "otherLanguages": other_languages(text) if text.languages else None,
        "unlicensed": max(unlicensed, default=0) / rows if profile.licences else None,
        "drift": max(indexes, default=0.0) if profile.former else None,
    }
