"""What in a profile is past its threshold. The table in docs/data/profile.md is made from RULES."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from modelward.data.profile import facts
from modelward.data.profile.labels import GROUP_ROWS
from modelward.data.profile.licences import RESTRICTED
from modelward.data.profile.texts import UNKNOWN, other_languages

#: A difference counts if it is this unlikely to be chance, after correction.
SIGNIFICANT = 0.01
#: A column of text cells that are numbers but for fewer than this share is probably spoilt.
MOSTLY = 0.9


class Rule(NamedTuple):
    """A finding that there can be: told if its value is at least (0: above) the threshold."""

    id: str
    what: str
    threshold: float


RULES = {
    rule.id: rule
    for rule in (
        Rule("missing-values", "share of a column's cells that are null or empty", 0.05),
        Rule("placeholder-values", "share of a column's cells that say `n/a`, `unknown` and the like", 0.01),
        Rule("mixed-types", "cells of a column that are not of its main kind", 0),
        Rule("constant-column", "rows, all with the same value in a column", 30),
        Rule("not-finite", "numbers of a column that are NaN or infinite", 0),
        Rule("label-imbalance", "rows of the most frequent label per row of the rarest", 10),
        Rule("label-conflicts", "share of rows whose text occurs with another label too", 0.001),
        Rule("small-group", f"groups of an attribute with fewer than {GROUP_ROWS} rows", 0),
        Rule("group-gap", "difference between two groups in how often a label is given, if significant", 0.2),
        Rule("duplicate-rows", "share of rows that are copies of an earlier one", 0.01),
        Rule("duplicate-texts", "share of rows whose text has the same words as an earlier one", 0.01),
        Rule("near-duplicates", "share of different texts that nearly agree with an earlier one", 0.01),
        Rule(
            "evaluation-overlap", "rows of an evaluation set that are among the others: same row or words", 0
        ),
        Rule(
            "evaluation-near-overlap",
            "rows of an evaluation set that are so nearly, or by a run of 13 words",
            0,
        ),
        Rule("personal-data", "rows of a column with personal data of one kind", 0),
        Rule("licence-missing", "share of rows that name no licence, though others do", 0),
        Rule("licence-restricted", "rows under a licence against commercial use or changes", 0),
        Rule("mixed-languages", "share of rows in other languages than the most frequent one", 0.05),
        Rule("toxic-text", "share of rows that the classifier calls toxic", 0.01),
        Rule("drift-columns", "columns that are new or lost", 0),
        Rule("drift-labels", "labels that are new or lost", 0),
        Rule("drift-missing", "change of the share of missing cells, if significant", 0.05),
        Rule("drift-numbers", "Kolmogorov-Smirnov distance of numbers or lengths, if significant", 0.15),
        Rule("drift-values", "Cramér's V of a column's values, if significant", 0.15),
        Rule("drift-languages", "Cramér's V of the languages, if significant", 0.15),
        Rule("drift-words", "Jensen-Shannon divergence of the words, in bits", 0.15),
    )
}


def findings(profile: facts.Profile) -> tuple[facts.Finding, ...]:
    """Everything in the profile that is past its threshold."""
    parts = (_columns, _labels, _duplicates, _overlaps, _personal, _licences, _texts, _drifts)
    return tuple(found for part in parts for found in part(profile) if found is not None)


def _told(
    rule: str, value: float, message: str, column: str = "", places: tuple[str, ...] = ()
) -> facts.Finding | None:
    threshold = RULES[rule].threshold
    if value < threshold or value == 0:
        return None
    return facts.Finding(
        rule=rule, message=message, value=value, threshold=threshold, column=column, places=places
    )


def percent(rate: float) -> str:
    """A rate for people: two digits that count."""
    return f"{rate * 100:.2g}%" if rate < 0.1 else f"{rate * 100:.1f}%"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _columns(profile: facts.Profile) -> Iterator[facts.Finding | None]:
    for column in profile.columns:
        if not column.rows:
            continue
        missing, placeholders = column.missing / column.rows, column.placeholders / column.rows
        name = column.name
        yield _told("missing-values", missing, f"{percent(missing)} of the cells are missing", name)
        yield _told("placeholder-values", placeholders, f"{percent(placeholders)} say n/a or the like", name)
        odd, kinds = _odd(column)
        yield _told("mixed-types", odd, f"{_count(odd, 'cell')} not {kinds} as the others are", name)
        if column.distinct == 1 and not column.missing:
            yield _told("constant-column", column.rows, f"all {column.rows:,} rows have one value", name)
        if column.numbers and column.numbers.not_finite:
            count = column.numbers.not_finite
            yield _told("not-finite", count, f"{_count(count, 'number')} NaN or infinite", name)


def _odd(column: facts.Column) -> tuple[int, str]:
    """Cells that are not of the column's main kind, and that kind."""
    if column.kinds:
        main = max(column.kinds, key=lambda kind: (column.kinds[kind], kind))
        odd = sum(column.kinds.values()) - column.kinds[main]
        if odd:
            return odd, main
    filled = column.rows - column.missing - column.placeholders
    if MOSTLY * filled <= column.numerals < filled:
        return filled - column.numerals, "numbers"
    return 0, ""


def _labels(profile: facts.Profile) -> Iterator[facts.Finding | None]:
    label = profile.label
    if label is not None and len(label.values) > 1:
        most, least = label.values[0], label.values[-1]
        ratio = most.rows / least.rows
        message = f"{_count(most.rows, 'row')} {most.value!r}, {least.rows:,} {least.value!r}"
        yield _told("label-imbalance", ratio, message, label.column)
    if label is not None and profile.rows:
        share = label.conflicts / profile.rows
        message = f"{_count(label.conflicts, 'text')} with more than one label"
        yield _told("label-conflicts", share, message, label.column)
    small: dict[str, set[str]] = {}
    for group in profile.groups:
        if group.rows < GROUP_ROWS:
            small.setdefault(group.attribute, set()).add(group.group)
    for attribute, names in small.items():
        said = ", ".join(sorted(names)[:5])
        message = f"{_count(len(names), 'group')} with fewer than {GROUP_ROWS} rows: {said}"
        yield _told("small-group", len(names), message, attribute)
    for gap in profile.gaps:
        if gap.p < SIGNIFICANT:
            message = (
                f"{gap.label!r} is given {percent(gap.gap)} more often to {gap.highest!r}"
                f" than to {gap.lowest!r}"
                f" (p {gap.p:.1g})"
            )
            yield _told("group-gap", gap.gap, message, gap.attribute)


def _duplicates(profile: facts.Profile) -> Iterator[facts.Finding | None]:
    if not profile.rows:
        return
    found = profile.duplicates
    about = "" if found.exact else "about "
    places = tuple(f"{copy.place}, {copy.rows:,} times" for copy in found.examples)
    rows, texts = found.rows / profile.rows, found.texts / profile.rows
    message = f"{about}{_count(found.rows, 'row')} ({percent(rows)}) copied from another"
    yield _told("duplicate-rows", rows, message, places=places)
    if found.texts > found.rows:
        message = f"{about}{_count(found.texts, 'row')} ({percent(texts)}) with the words of another"
        yield _told("duplicate-texts", texts, message, places=places)
    near = profile.near
    if near is not None and near.compared:
        share = near.rows / near.compared
        message = f"{near.rows:,} of {_count(near.compared, 'different text')} nearly like another"
        pairs = tuple(_near_place(pair) for pair in near.examples)
        yield _told("near-duplicates", share, message, places=pairs)


def _overlaps(profile: facts.Profile) -> Iterator[facts.Finding | None]:
    for overlap in profile.overlaps:
        exact = max(overlap.rows, overlap.texts)
        of = f"of {_count(overlap.evaluation_rows, 'row')} of {overlap.name}"
        pairs = tuple(f"{pair.place} is {pair.other}" for pair in overlap.examples if pair.likeness == 1)
        message = f"{exact:,} {of} here too, {overlap.rows:,} with all columns"
        yield _told("evaluation-overlap", exact, message, places=pairs)
        more = overlap.shared - exact
        near = tuple(_near_place(pair) for pair in overlap.examples if pair.likeness < 1)
        ways = f"{overlap.near:,} nearly, {overlap.grams:,} by a run of words"
        message = f"{more:,} more {of} here in part; of all, {ways}"
        yield _told("evaluation-near-overlap", more, message, places=near)


def _near_place(pair: facts.Pair) -> str:
    if not pair.likeness:
        return f"{pair.place} has a run of words of {pair.other}"
    return f"{pair.place} like {pair.other} ({pair.likeness:.2f})"


def _personal(profile: facts.Profile) -> Iterator[facts.Finding | None]:
    for found in profile.personal:
        article = "an" if found.kind[0] in "eI" else "a"
        message = f"{_count(found.rows, 'row')} with {article} {found.kind}"
        yield _told("personal-data", found.rows, message, found.column, found.examples)


def _licences(profile: facts.Profile) -> Iterator[facts.Finding | None]:
    for licence in profile.licences:
        if licence.licence and RESTRICTED.search(licence.licence):
            message = f"{_count(licence.rows, 'row')} under {licence.licence!r}"
            yield _told("licence-restricted", licence.rows, message, licence.column)
        elif not licence.licence and profile.rows:
            share = licence.rows / profile.rows
            yield _told(
                "licence-missing", share, f"{_count(licence.rows, 'row')} without a licence", licence.column
            )


def _texts(profile: facts.Profile) -> Iterator[facts.Finding | None]:
    text = profile.text
    known = [share for share in text.languages if share.value != UNKNOWN]
    if known:
        rest = other_languages(text)
        codes = ", ".join(f"{share.value} {percent(share.rate)}" for share in known[:4])
        yield _told("mixed-languages", rest, f"{percent(rest)} not in {known[0].value}: {codes}")
    if text.toxic is not None:
        low, high = percent(text.toxic.low), percent(text.toxic.high)
        message = f"{percent(text.toxic.rate)} of the texts ({low} to {high})"
        yield _told("toxic-text", text.toxic.rate, message, places=text.toxic_examples)


#: Measure of drift -> the rule it comes under.
_DRIFT_RULES = {
    "columns": "drift-columns",
    "missing": "drift-missing",
    "numbers": "drift-numbers",
    "lengths": "drift-numbers",
    "values": "drift-values",
    "languages": "drift-languages",
    "words": "drift-words",
}


def _drifts(profile: facts.Profile) -> Iterator[facts.Finding | None]:
    label = profile.label.column if profile.label else None
    for drift in profile.drifts:
        changed = "".join(
            f"; {word} {', '.join(map(repr, names[:5]))}"
            for word, names in (("new", drift.new), ("lost", drift.lost))
            if names
        )
        if drift.column == label and drift.measure == "values":
            count = len(drift.new) + len(drift.lost)
            yield _told("drift-labels", count, f"the labels are others{changed}", drift.column)
        if drift.p is not None and drift.p >= SIGNIFICANT:
            continue
        index = f", PSI {drift.psi:.2f}" if drift.psi is not None else ""
        message = f"{drift.measure} moved by {abs(drift.effect):.2f}{index}{changed}"
        yield _told(_DRIFT_RULES[drift.measure], abs(drift.effect), message, drift.column)
