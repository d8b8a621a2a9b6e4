"""Drift from the former dataset: found where there is some, not where there is none."""

from __future__ import annotations

import random
from typing import Any

from tests.data.profile.conftest import rows, rules, sentences


def drift_rules(found: Any) -> set[str]:
    return {rule for rule in rules(found) if rule.startswith("drift")}


def test_another_draw_of_the_same_has_not_drifted(profiled: Any) -> None:
    former = profiled({"a.parquet": rows(2000, seed=1)}, near=False)
    found = profiled({"a.parquet": rows(2000, seed=2)}, near=False, former=former)
    assert drift_rules(found) == set()
    assert found.former == former.subject
    assert all(one.p is None or one.p > 0.01 for one in found.drifts)


def test_what_moved_is_named(profiled: Any) -> None:
    former = profiled({"a.parquet": rows(1000, seed=1)}, near=False)
    content = rows(1000, seed=2)
    source = random.Random(1)
    for row, text in zip(content, sentences(1000, 3, length=30), strict=True):
        row["age"] += 8
        row["text"] = text.replace("river", "cryptocurrency")
        row["group"] = source.choice(["north", "north", "north", "east"])
        row["label"] = "maybe" if row["label"] == "no" else "yes"
        row["extra"] = 1
    for row in content[:200]:
        row["group"] = None
    found = profiled({"a.parquet": content}, near=False, former=former)
    assert drift_rules(found) == {
        *("drift-columns", "drift-labels", "drift-missing", "drift-numbers", "drift-values")
    }
    by_measure = {(one.column, one.measure): one for one in found.drifts}
    assert by_measure["", "columns"].new == ("extra",)
    assert by_measure["group", "values"].new == ("east",)
    assert by_measure["group", "values"].lost == ("south",)
    assert by_measure["text", "words"].new == ("cryptocurrency",)
    assert by_measure["text", "words"].lost == ("river",)
    assert (by_measure["age", "numbers"].psi or 0) > 0.25
    assert "text" in {finding.column for finding in found.findings if finding.rule == "drift-numbers"}


def test_numbers_of_rows_are_others_each_time_and_no_drift(profiled: Any) -> None:
    old, new = rows(300, seed=1), rows(300, seed=2)
    for number in range(300):
        old[number]["id"], new[number]["id"] = number, number + 300
    former = profiled({"a.parquet": old}, near=False)
    assert drift_rules(profiled({"a.parquet": new}, near=False, former=former)) == set()


def test_other_words_are_told(profiled: Any) -> None:
    former = profiled({"a.parquet": rows(200, seed=1)}, near=False)
    content = rows(200, seed=2)
    for number, row in enumerate(content):
        row["text"] = f"quarterly revenue figures improved while operating margins fell slightly {number}"
    assert "drift-words" in rules(profiled({"a.parquet": content}, near=False, former=former))
