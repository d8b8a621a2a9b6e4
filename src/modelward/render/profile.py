"""A profile as text: findings first, then what was measured, and what was not."""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.counting import counted
from modelward.core.escape import escape
from modelward.data.profile import facts
from modelward.data.profile.findings import percent

#: Columns, values and places of one finding that are printed; `--json` has all.
SHOWN = 40
VALUES = 4
PLACES = 3


def lines(profile: facts.Profile) -> Iterator[str]:
    """The whole report."""
    yield f"profile of {escape(profile.name or 'the dataset')} ({profile.subject})"
    splits = ", ".join(f"{escape(name) or 'no split'} {rows:,}" for name, rows in profile.splits.items())
    yield f"  rows       {profile.rows:,}" + (f": {splits}" if splits else "")
    for number, column in enumerate(profile.columns[:SHOWN]):
        yield f"  {'columns' if not number else '':<9}  {column_line(column)}"
    if len(profile.columns) > SHOWN:
        yield f"  {'':<9}  and {len(profile.columns) - SHOWN} more"
    for title, words in _measures(profile):
        yield f"  {title:<9}  {words}"
    for finding in profile.findings:
        where = f"{escape(finding.column)}: " if finding.column else ""
        yield f"warning[{finding.rule}]: {where}{escape(finding.message)}"
        for place in finding.places[:PLACES]:
            yield f"  --> {escape(place)}"
    for reason in profile.not_measured:
        yield f"not measured: {escape(reason)}"
    yield counted(len(profile.findings), "warning")


def column_line(column: facts.Column) -> str:
    """What a column is like, in a line."""
    kinds = " and ".join(column.kinds) or "empty"
    parts = [f"{escape(column.name)} {kinds}"]
    if column.missing:
        parts.append(f"{percent(column.missing / column.rows)} missing")
    numbers, lengths = column.numbers, column.lengths
    if column.values and len(column.values) <= 50:
        shown = ", ".join(
            f"{escape(value.value, limit=30)} {value.rows:,}" for value in column.values[:VALUES]
        )
        rest = f" and {len(column.values) - VALUES} more" if len(column.values) > VALUES else ""
        parts.append(f"{shown}{rest}")
    elif numbers:
        parts.append(f"{numbers.min:g} to {numbers.max:g}, median {numbers.quantiles[50]:g}")
    elif lengths:
        parts.append(
            f"{lengths.min:,.0f} to {lengths.max:,.0f} characters, median {lengths.quantiles[50]:,.0f}"
        )
    about = "" if column.distinct_exact else "about "
    parts.append(f"{about}{column.distinct:,} different")
    return "; ".join(parts)


def _measures(profile: facts.Profile) -> Iterator[tuple[str, str]]:
    found = profile.duplicates
    about = "" if found.exact else "about "
    near = ""
    if profile.near is not None:
        least = "" if profile.near.whole else "at least "
        near = f"; {least}{profile.near.rows:,} nearly alike"
    yield "copies", f"{about}{found.rows:,}; {found.texts:,} by the words alone{near}"
    for overlap in profile.overlaps:
        yield (
            "overlap",
            f"{overlap.shared:,} of {overlap.evaluation_rows:,} rows of {escape(overlap.name)}:"
            f" {overlap.rows:,} the same, {overlap.texts:,} same words, {overlap.near:,} nearly,"
            f" {overlap.grams:,} by a run of words",
        )
    if profile.personal_kinds:
        kinds = ", ".join(f"{one.kind} in {one.rows:,} of {escape(one.column)}" for one in profile.personal)
        yield "personal", kinds or f"none of {len(profile.personal_kinds)} kinds found"
    text = profile.text
    sampled = "" if text.whole else f" (sample of {text.sampled:,})"
    if text.languages:
        yield (
            "language",
            ", ".join(f"{one.value} {percent(one.rate)}" for one in text.languages[:5]) + sampled,
        )
    if text.toxic is not None:
        yield "toxic", f"{percent(text.toxic.rate)}, 95% interval to {percent(text.toxic.high)}{sampled}"
    if profile.licences:
        yield (
            "licences",
            ", ".join(f"{escape(one.licence) or 'none'} {one.rows:,}" for one in profile.licences[:6]),
        )
    if profile.declared_licence:
        yield "licence", f"{escape(profile.declared_licence)} (declared)"
    for gap in profile.gaps[:10]:
        yield (
            "gap",
            f"{escape(gap.attribute)}: {escape(gap.label)} {percent(gap.gap)} more often for"
            f" {escape(gap.highest)} than {escape(gap.lowest)} (p {gap.p:.1g})",
        )
    if profile.former:
        worst = max((drift.psi or 0.0 for drift in profile.drifts), default=0.0)
        yield "drift", f"from {profile.former}: largest PSI {worst:.2f}"
