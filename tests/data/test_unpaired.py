from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelward.data import rowsets, unpaired
from modelward.data.verify import RowDifference, compare


def difference(files: Any, before: str, after: str) -> RowDifference:
    indexes = [
        files.index(f"{name}.csv", [{"id": letter, "text": "x"} for letter in letters])
        for name, letters in (("before", before), ("after", after))
    ]
    return compare(*indexes)


def told(found: RowDifference) -> dict[str, list[int]]:
    return {
        "changed": [row.after.row for row in found.changed],
        "added": [place.row for place in found.added],
        "removed": [place.row for place in found.removed],
        "moved": [row.after.row for row in found.moved],
    }


@pytest.mark.parametrize(
    ("before", "after", "kind", "rows"),
    [
        ("abcabcabc", "xbcabcabc", "changed", [1]),
        ("abcabcabc", "abcaxcabc", "changed", [5]),
        ("abcabcabc", "xbcaxcabx", "changed", [1, 5, 9]),
        ("abcabcabc", "bcabcabc", "removed", [1]),
        ("abcabcabc", "abcacabc", "removed", [5]),
        ("abacada", "acad", "removed", [2, 3, 7]),
        ("abcabcabc", "abbcabcabc", "added", [3]),
        ("abcabcabc", "cabcabcabc", "added", [1]),
        ("aab", "xab", "changed", [1]),
        ("abac", "xabc", "added", [1]),
    ],
)
def test_the_copy_that_was_touched_is_named_and_no_other(
    files: Any, before: str, after: str, kind: str, rows: list[int]
) -> None:
    found = told(difference(files, before, after))
    assert found[kind] == rows
    assert not found["moved"]


def test_among_moved_rows_each_copy_is_still_counted_once(files: Any) -> None:
    found = difference(files, "aabbccdd", "dcbaxcbad"[::-1] + "d")
    removed = len(found.removed) + len(found.changed)
    assert len(found.added) + len(found.changed) - removed == 2
    assert not found.same_set


def test_many_rows_without_an_equal_are_named_all_the_same(
    files: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpaired, "MAX_WALKED", 1)
    found = difference(files, "abcabcabc", "xbcxbcabc")
    assert [row.row for row in (*found.added, *(row.after for row in found.changed))] == [1, 4]


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("abcd", max_size=12), st.text("abcd", max_size=12))
def test_as_many_copies_are_named_as_are_over(files: Any, before: str, after: str) -> None:
    old = files.index("before.jsonl", [{"id": letter} for letter in before])
    new = files.index("after.jsonl", [{"id": letter} for letter in after])
    gone, fresh = unpaired.unpaired(old, new, *rowsets.difference(old, new), most=100)
    assert Counter(before[at] for at in gone.named) == Counter(before) - Counter(after)
    assert Counter(after[at] for at in fresh.named) == Counter(after) - Counter(before)
    assert sorted(set(gone.named.tolist())) == gone.named.tolist()
    assert sorted(set(fresh.named.tolist())) == fresh.named.tolist()
