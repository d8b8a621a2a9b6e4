from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelward.core.errors import InputError, LimitExceeded
from modelward.data.capture import stamps
from modelward.data.capture.stamps import Kinds, Stamp, check_row, encoded, moment, stamped

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
rows = st.dictionaries(st.text(max_size=4), values, max_size=4)


@settings(max_examples=30)
@given(rows, st.text(min_size=1, max_size=8))
def test_a_line_is_the_row_and_its_stamps_and_nothing_else(row: dict[str, Any], who: str) -> None:
    try:
        stamp = Stamp(who, "app")
        line = stamped(check_row(row), encoded(stamp), "2026-11-22T09:14:00.000000Z")
    except InputError:
        return  # surrogates, names of stamps
    found = json.loads(line)
    assert {name: found.pop(name) for name in ("_contributor", "_source", "_time")} == {
        "_contributor": who,
        "_source": "app",
        "_time": "2026-11-22T09:14:00.000000Z",
    }
    assert found == row
    assert b"\n" not in line
    assert not line.startswith(b"#")


@pytest.mark.parametrize("name", ["_contributor", "_time", "_x", "_", "\uff3ftime", "\u2009_source"])
def test_a_row_that_sets_its_own_stamp_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="are stamps"):
        check_row({name: "x"})


@pytest.mark.parametrize(
    "row",
    [[], "x", None, {1: 2}, {"a": float("nan")}, {"a": {1, 2}}, {"a": "\ud800"}, {"a": datetime.now(UTC)}],
)
def test_what_is_no_row_is_refused(row: Any) -> None:
    with pytest.raises(InputError):
        check_row(row)


def test_rows_too_large_or_too_deep_are_refused() -> None:
    with pytest.raises(LimitExceeded):
        check_row({"a": "x" * stamps.MAX_ROW_BYTES})
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(LimitExceeded):
        check_row({"a": deep})


@pytest.mark.parametrize(("who", "source"), [("", "x"), ("x", ""), ("x" * 2000, "x"), ("\ud800", "x")])
def test_a_stamp_is_some_text(who: str, source: str) -> None:
    with pytest.raises(InputError):
        Stamp(who, source)


def test_times_are_utc_to_the_microsecond() -> None:
    assert moment(datetime(2026, 11, 22, 9, 14, 0, 5, UTC)) == "2026-11-22T09:14:00.000005Z"


def test_the_first_value_says_what_a_column_holds() -> None:
    kinds = Kinds({})
    kinds.add([{"a": 1, "b": [{"c": "x"}]}, {"a": 1.5, "b": None, "d": True}])
    for row in ({"a": "1"}, {"b": "x"}, {"b": [{"c": 1}]}, {"d": 1}, {"e": [1, "x"]}):
        with pytest.raises(InputError, match="mixes kinds"):
            kinds.add([row])
    kinds.add([{"b": [{"e": 2}]}])


def test_nothing_of_refused_rows_is_remembered() -> None:
    kinds = Kinds({})
    with pytest.raises(InputError, match="mixes kinds") as caught:
        kinds.add([{"a": 1}, {"a": "x"}])
    assert caught.value.where == "row 2"
    kinds.add([{"a": "x"}])


def test_declared_columns_hold_what_is_declared() -> None:
    kinds = Kinds({"text": "string", "n": "int64", "x": "double", "free": "json"})
    kinds.add([{"text": "a", "n": 1, "x": 1, "free": [1]}, {"x": 1.5, "free": [1.5]}])
    for row in ({"other": 1}, {"n": 1.5}, {"text": 1}, {"free": "x"}):
        with pytest.raises(InputError):
            kinds.add([row])


def test_columns_cannot_be_invented_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamps, "MAX_COLUMNS", 3)
    kinds = Kinds({})
    kinds.add([{"a": 1, "b": 1}])
    with pytest.raises(LimitExceeded, match="over 3 columns"):
        kinds.add([{"c": 1}, {"d": 1}])
    with pytest.raises(LimitExceeded, match="name"):
        kinds.add([{"x" * 2000: 1}])


def test_kinds_are_kept_from_one_start_to_the_next() -> None:
    kinds = Kinds({})
    kinds.add([{"a": 1, "b": [{"c": "x"}]}])
    again = Kinds({})
    again.restore(json.loads(json.dumps(kinds.plain())))
    assert again.plain() == kinds.plain()
    with pytest.raises(InputError):
        again.add([{"a": "x"}])
