from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelward.attest.predicates import Custody
from modelward.attest.predicates.custody import Operation
from modelward.core.digest import Digest
from modelward.core.errors import Rejected, UsageError
from modelward.data.custody import OPERATIONS, check
from modelward.data.declaration import Declaration, Source, Thing
from modelward.data.index import Index
from modelward.data.index_file import read_index

Rows = list[dict[str, Any]]


def texts(*words: str) -> Rows:
    return [{"text": word} for word in words]


def rejected(
    operation: str, inputs: list[Index], outputs: list[Index], dropped: Index | None = None
) -> Rejected:
    with pytest.raises(Rejected) as caught:
        check(operation, inputs, outputs, dropped)
    return caught.value


def test_claims_fit_the_statement_form(files: Any, rows: Rows) -> None:
    before, after = files.index("raw.csv", rows), files.index("clean.csv", rows[2:])
    said = Declaration(
        source=Source(uri="https://example.org/raw", channel="crawl"),
        tool=Thing.of("prepare.py", Digest.sha256(b"")),
        parameters={"min": "1"},
        licence="CC0-1.0",
        consent="given",
        notes="none",
    )
    (claim,) = check("filter", [before], [after], declaration=said)
    custody = msgspec.convert(claim.predicate, Custody)
    assert (claim.name, claim.subject) == ("clean.csv", after.subject)
    assert custody.claim == "checked"
    assert (custody.rows.input, custody.rows.output, custody.rows.dropped) == (12, 10, 2)
    assert custody.inputs[0].digest == str(before.subject)
    assert custody.set_root == str(after.set_root)
    assert custody.source is not None
    assert custody.source.uri == "https://example.org/raw"


def test_the_operations_are_those_of_the_statement_form() -> None:
    assert set(OPERATIONS) == set(get_args(Operation))


def test_a_row_added_by_a_filter_is_named_with_its_text(files: Any, rows: Rows) -> None:
    before = files.index("raw.csv", rows)
    after = files.index("clean.csv", [*rows[:3], {"id": "99", "text": "poison", "label": "ham"}])
    error = rejected("filter", [before], [after])
    assert "1 row of clean.csv is not in raw.csv" in error.message
    assert (
        f"clean.csv row 4 ({after.digest_at(3).short}): id='99', text='poison', label='ham'" in error.message
    )


def test_a_row_changed_by_a_filter_is_named(files: Any, rows: Rows) -> None:
    changed = [{**row} for row in rows]
    changed[5]["label"] = "spam"
    error = rejected("filter", [files.index("raw.csv", rows)], [files.index("clean.csv", changed)])
    assert "clean.csv row 6" in error.message


def test_a_row_copied_by_a_filter_is_named_once(files: Any) -> None:
    before, after = files.index("raw.csv", texts("a", "b")), files.index("out.csv", texts("a", "b", "a"))
    error = rejected("filter", [before], [after])
    assert "1 row of out.csv" in error.message
    assert "out.csv row 3" in error.message
    assert "out.csv row 1" not in error.message


def test_a_filter_that_hides_a_dropped_row_is_rejected(files: Any) -> None:
    before = files.index("raw.csv", texts("a", "b", "c", "d"))
    after, dropped = files.index("clean.csv", texts("a", "b")), files.index("dropped.csv", texts("c"))
    error = rejected("filter", [before], [after], dropped)
    assert "1 row of raw.csv is neither in clean.csv nor in dropped.csv" in error.message
    assert "raw.csv row 4" in error.message
    (claim,) = check("filter", [before], [after], files.index("all.csv", texts("d", "c")))
    assert claim.predicate["rows"]["dropped"] == 2


def test_a_row_both_kept_and_dropped_is_rejected(files: Any) -> None:
    before, after = files.index("raw.csv", texts("a", "b")), files.index("clean.csv", texts("a"))
    rejected("filter", [before], [after], files.index("dropped.csv", texts("a", "b")))


def test_split_that_loses_or_shares_a_row_is_rejected(files: Any) -> None:
    before = files.index("all.csv", texts("a", "b", "c"))
    train = files.index("train.csv", texts("a", "b"))
    lost = rejected("split", [before], [train, files.index("test.csv", [{"text": "b"}][:0] or texts("a"))])
    assert "not in all.csv" in lost.message
    shared = rejected("split", [before], [train, files.index("test2.csv", texts("b", "c"))])
    assert "1 row of train.csv and test2.csv is not in all.csv" in shared.message
    assert "test2.csv row 1" in shared.message
    claims = check("split", [before], [train, files.index("test3.csv", texts("c"))])
    assert [claim.name for claim in claims] == ["train.csv", "test3.csv"]
    assert claims[0].predicate["otherOutputs"][0]["name"] == "test3.csv"
    assert claims[0].predicate["rows"] == {"input": 3, "output": 2, "dropped": 0}


def test_merge_that_adds_or_loses_a_row_is_rejected(files: Any) -> None:
    parts = [files.index("a.csv", texts("a", "b")), files.index("b.csv", texts("b"))]
    check("merge", parts, [files.index("good.csv", texts("b", "a", "b"))])
    assert (
        "not in a.csv or b.csv"
        in rejected("merge", parts, [files.index("more.csv", texts("a", "b", "b", "x"))]).message
    )
    assert "not in less.csv" in rejected("merge", parts, [files.index("less.csv", texts("a", "b"))]).message


def test_shuffle_that_swaps_a_row_is_rejected(files: Any, rows: Rows) -> None:
    before = files.index("in.csv", rows)
    shuffled = rows[:]
    random.Random(1).shuffle(shuffled)
    check("shuffle", [before], [files.index("out.csv", shuffled)])
    rejected("shuffle", [before], [files.index("bad.csv", [*shuffled[1:], shuffled[1]])])


def test_dedupe_that_loses_keeps_or_adds_a_row_is_rejected(files: Any) -> None:
    before = files.index("in.csv", texts("a", "b", "a"))
    (claim,) = check("dedupe", [before], [files.index("good.csv", texts("b", "a"))])
    assert claim.predicate["rows"]["dropped"] == 1
    assert (
        "not in lost.csv at all"
        in rejected("dedupe", [before], [files.index("lost.csv", texts("a"))]).message
    )
    assert (
        "there before"
        in rejected("dedupe", [before], [files.index("kept.csv", texts("a", "b", "a"))]).message
    )
    assert (
        "not in in.csv"
        in rejected("dedupe", [before], [files.index("add.csv", texts("a", "b", "c"))]).message
    )


def test_collect_and_map_are_declared_only(files: Any, rows: Rows) -> None:
    before, after = files.index("in.csv", rows), files.index("out.csv", texts("x"))
    (collected,) = check(
        "collect", [], [before], declaration=Declaration(source=Source(uri="https://example.org"))
    )
    (mapped,) = check("map", [before], [after])
    assert collected.predicate["claim"] == mapped.predicate["claim"] == "declared"
    assert mapped.predicate["rows"] == {"input": 12, "output": 1, "dropped": 0}


def test_steps_of_the_wrong_form_are_refused(files: Any, rows: Rows) -> None:
    one, two = files.index("a.csv", rows), files.index("b.csv", rows)
    for operation, inputs, outputs, dropped in (
        ("collect", [], [one], None),  # no source
        ("collect", [one], [two], None),
        ("filter", [], [one], None),
        ("split", [one], [two], None),
        ("merge", [one], [two], None),
        ("shuffle", [one], [two], two),
        ("transmute", [one], [two], None),
    ):
        with pytest.raises(UsageError):
            check(operation, inputs, outputs, dropped)


def test_columns_that_differ_are_pointed_out(files: Any) -> None:
    before = files.index("raw.csv", [{"n": "1"}])
    error = rejected("filter", [before], [files.index("clean.jsonl", [{"n": 1}])])
    assert (
        error.help
        == "column 'n' is string in raw.csv and int64 in clean.jsonl; for CSV name the type: --type n=int64"
    )
    check(
        "filter", [files.index("raw.csv", [{"n": "1"}], n="int64")], [files.index("clean.jsonl", [{"n": 1}])]
    )
    error = rejected("filter", [before], [files.index("more.csv", [{"n": "1", "m": "2"}])])
    assert "only more.csv has a column 'm'" in str(error.help)


def test_claims_are_checked_from_indexes_without_the_data(files: Any, rows: Rows, tmp_path: Path) -> None:
    files.index("raw.csv", rows).write(tmp_path / "raw.index.parquet")
    before = read_index(tmp_path / "raw.index.parquet")
    check("filter", [before], [files.index("clean.csv", rows[1:])])
    error = rejected("filter", [files.index("few.csv", rows[1:])], [before])
    assert f"raw.csv row 1 ({before.digest_at(0).short})" in error.message
    assert "message 0" not in error.message


words = st.lists(st.sampled_from("abc"), min_size=1, max_size=5)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(words, words, words)
def test_checks_say_what_multisets_say(files: Any, one: list[str], two: list[str], three: list[str]) -> None:
    first, second, third = (
        files.index(f"{name}.jsonl", texts(*part)) for name, part in (("1", one), ("2", two), ("3", three))
    )
    a, b, c = Counter(one), Counter(two), Counter(three)
    expected = {
        "filter": b <= a,
        "shuffle": a == b,
        "dedupe": b == Counter(set(one)),
    }
    for operation, holds in expected.items():
        assert accepted(operation, [first], [second]) == holds
    assert accepted("filter", [first], [second], third) == (a == b + c)
    assert accepted("split", [first], [second, third]) == (a == b + c)
    assert accepted("merge", [second, third], [first]) == (a == b + c)


def accepted(operation: str, inputs: list[Index], outputs: list[Index], dropped: Index | None = None) -> bool:
    try:
        check(operation, inputs, outputs, dropped)
    except Rejected:
        return False
    return True
