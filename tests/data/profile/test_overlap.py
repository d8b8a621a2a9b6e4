"""Overlap with evaluation sets: four ways, and what is a template is none of them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.data.profile.conftest import Row, rows, rules, sentences
from tests.data.profile.test_near import edited

from modelward.core.errors import LimitExceeded
from modelward.data.profile import facts, overlap


def planted() -> tuple[list[Row], list[Row]]:
    """Rows to train on, and evaluation rows: 0 the same, 1 other case and label, 2 nearly, 3 by a run."""
    train, test = rows(200, seed=1), rows(50, seed=2)
    for number, text in enumerate(sentences(200, 5, length=40)):
        train[number]["text"] = text
    test[0] = dict(train[10])
    test[1]["text"] = train[20]["text"].upper()
    test[2]["text"] = edited(train[30]["text"], 1, 1)
    run = " ".join(train[40]["text"].split()[5:25])
    test[3]["text"] = f"and now something of our own {run} which goes on for quite a while in other words"
    return train, test


def one(profile: facts.Profile) -> facts.Overlap:
    (found,) = profile.overlaps
    return found


def counts(found: facts.Overlap) -> tuple[int, ...]:
    return found.rows, found.texts, found.near, found.grams, found.shared


def test_each_way_of_being_there_is_found(profiled: Any) -> None:
    train, test = planted()
    found = profiled({"train.parquet": train, "test.parquet": test})
    assert one(found).name == "data:test"
    assert counts(one(found)) == (1, 2, 3, 4, 4)
    assert {"evaluation-overlap", "evaluation-near-overlap"} <= rules(found)
    pairs = {(pair.place, pair.other) for pair in one(found).examples}
    assert pairs == {(f"train.parquet row {10 * n + 11}", f"test.parquet row {n + 1}") for n in range(4)}


def test_another_set_may_be_named(profiled: Any, tmp_path: Any) -> None:
    from tests.data.profile.conftest import write

    train, test = planted()
    write(tmp_path, {"exam.parquet": test})
    found = profiled({"train.parquet": train}, against=("exam.parquet",))
    assert (one(found).name, counts(one(found))) == ("exam.parquet", (1, 2, 3, 4, 4))
    assert one(found).digest.startswith("sha256:")


def test_sets_that_share_nothing_have_no_finding(profiled: Any) -> None:
    train, test = rows(300, seed=1), rows(100, seed=2)
    found = profiled({"train.parquet": train, "test.parquet": test})
    assert counts(one(found)) == (0, 0, 0, 0, 0)
    assert not {"evaluation-overlap", "evaluation-near-overlap"} & rules(found)


def test_a_run_that_many_evaluation_rows_have_is_a_template(profiled: Any) -> None:
    prompt = "answer the question below with one letter only and give no reason for your choice at all "
    train, test = rows(100, seed=1), rows(40, seed=2)
    for row in [*train, *test]:
        row["text"] = prompt + row["text"]
    found = profiled({"train.parquet": train, "test.parquet": test})
    assert one(found).grams == 0


def test_without_near_duplicates_that_way_is_left_out(profiled: Any) -> None:
    train, test = planted()
    found = profiled({"train.parquet": train, "test.parquet": test}, near=False)
    assert counts(one(found)) == (1, 2, 0, 4, 4)
    assert found.near is None


def test_an_evaluation_set_past_the_limit_is_refused_not_cut(
    profiled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overlap, "ROWS", 10)
    with pytest.raises(LimitExceeded, match="evaluation set"):
        profiled({"train.parquet": rows(30), "test.parquet": rows(20, seed=2)})
