"""Labels: texts with two labels, and labels by group."""

from __future__ import annotations

from typing import Any

import pytest
from tests.data.profile.conftest import rows, rules, sentences, view

from modelward.data.profile import facts
from modelward.data.profile.labels import PAIRS, Labels, gaps


def labels(columns: dict[str, list[Any]], **plan: Any) -> Labels:
    found = Labels()
    found.update(view(columns, **plan))
    return found


def test_a_text_with_two_labels_is_a_conflict(profiled: Any) -> None:
    content = rows(200)
    for at in range(3):
        content[at + 100]["text"] = content[at]["text"].upper() + "!"
        content[at]["label"], content[at + 100]["label"] = "yes", "no"
    content[50]["text"], content[50]["label"] = content[51]["text"], content[51]["label"]
    found = profiled({"d.parquet": content})
    assert found.label.conflicts == 3
    assert "label-conflicts" in rules(found)


def test_parts_merge_to_the_whole() -> None:
    texts, given = sentences(40, 1) * 2, ["a", "b"] * 20 + ["a"] * 40
    whole = labels({"t": texts, "label": given, "g": given}, attributes=("g",))
    one = labels({"t": texts[50:], "label": given[50:], "g": given[50:]}, attributes=("g",))
    one.merge(labels({"t": texts[:50], "label": given[:50], "g": given[:50]}, attributes=("g",)))
    assert one.groups() == whole.groups()
    column = facts.Column(
        **{"name": "label", "kinds": {}, "is_text": False, "rows": 80, "missing": 0, "placeholders": 0},
        numerals=0,
        distinct=2,
        distinct_exact=True,
        values=(facts.Value(value="a", rows=60), facts.Value(value="b", rows=20)),
    )
    assert one.result(column) == whole.result(column)


def test_groups_have_rates_with_intervals_and_a_gap() -> None:
    groups = ["n"] * 100 + ["s"] * 100 + ["tiny"] * 3
    given = ["yes"] * 80 + ["no"] * 20 + ["yes"] * 30 + ["no"] * 70 + ["no"] * 3
    found = labels({"label": given, "g": groups}, attributes=("g",)).groups()
    north = next(one for one in found if (one.group, one.label) == ("n", "yes"))
    assert north.rate == 0.8
    assert north.low < 0.8 < north.high
    (no, yes) = gaps(found)
    assert (yes.lowest, yes.highest, yes.gap) == ("s", "n", pytest.approx(0.5))
    assert yes.p < 1e-9
    assert no.gap == pytest.approx(0.5)


def test_groups_that_differ_by_chance_have_no_significant_gap(profiled: Any) -> None:
    assert "group-gap" not in rules(profiled({"d.parquet": rows(400)}, attributes=("group",)))


def test_an_attribute_with_too_many_groups_is_said_not_to_be_measured(profiled: Any) -> None:
    content = rows(PAIRS + 500)
    for number, row in enumerate(content):
        row["group"] = str(number)
    found = profiled({"d.parquet": content}, attributes=("group",), near=False)
    assert found.groups == ()
    assert any("'group'" in text for text in found.not_measured)
