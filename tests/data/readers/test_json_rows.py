from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.data.readers import json_rows


@pytest.mark.parametrize("text", ['{"a": 1, "a": 1}', '{"a": NaN}', '{"a": -Infinity}', '{"a": 1e400}'])
def test_what_two_parsers_read_differently_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"twice|not a JSON number|out of range"):
        json_rows.decoder().decode(text)


def test_a_key_that_is_missing_is_null() -> None:
    batch = json_rows.batch([{"a": 1}, {"b": 2}])
    assert batch.columns == {"a": [1, None], "b": [None, 2]}
    assert batch.rows == 2


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(':a"\\é\n', max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(":ab", max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


def outcome(decode: Any, line: Any) -> Any:
    try:
        return repr(decode(line))
    except (ValueError, RecursionError):
        return None


@given(values, st.booleans(), st.data())
def test_the_quick_way_is_as_strict_as_the_other(value: Any, escape: bool, data: st.DataObject) -> None:
    line = bytearray(json.dumps(value, ensure_ascii=escape).encode())
    for _ in range(data.draw(st.integers(0, 2))):
        at = data.draw(st.integers(0, len(line)))
        line[at:at] = data.draw(
            st.sampled_from([b"9", b":", b'"', b",", b'"a":1,', b"\\u003a", b" ", b"\xff", b"]", b"{"])
        )
    slow = outcome(lambda text: json_rows.decoder().decode(text.decode().strip(" \t\r\n")), bytes(line))
    assert outcome(json_rows.decode, bytes(line)) == slow


@pytest.mark.parametrize(
    "line",
    [
        b'{"a": "x:y", "a": 1}',
        b'{"a": 1, "a": "\\u003a"}',
        b'{"a": {"b": ":", "b": "\\u003A:"}}',
        b'{"\\u0061": 1, "a": 2}',
        b'{"a" : 1, "b": 2, "a" : 3}',
        b'{"a": "' + b":" * 50 + b'", "a": 1}',
    ],
)
def test_a_key_that_is_there_twice_is_found_beside_colons(line: bytes) -> None:
    with pytest.raises(ValueError, match="twice"):
        json_rows.decode(line)


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    with pytest.raises(ValueError, match="digits"):
        json_rows.decode(b"9" * 10_000)


def test_what_is_wrong_is_told_without_the_advice_of_the_interpreter() -> None:
    with pytest.raises(ValueError, match="digits") as found:
        json_rows.decode(b'{"a": ' + b"9" * 5000 + b"}")
    assert "sys." not in json_rows.reason(found.value)
    assert "4300 digits" in json_rows.reason(found.value)
