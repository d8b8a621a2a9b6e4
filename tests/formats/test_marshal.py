from __future__ import annotations

import base64
import contextlib
import marshal as standard
import sys
from types import CodeType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.marshal import Code, loads

#: `lambda x: __import__('os').system('id') or x`, as versions of Python dumped it.
OLD = {
    "2.7": "YwEAAAABAAAAAgAAAEMAAABzGQAAAHQAAGQBAIMBAGoBAGQCAIMBAHAYAHwAAFMoAwAAAE50AgAAAG9zdAIAAABpZCgCAAAA"
    "dAoAAABfX2ltcG9ydF9fdAYAAABzeXN0ZW0oAQAAAHQBAAAAeCgAAAAAKAAAAABzCAAAADxzdHJpbmc+dAgAAAA8bGFtYmRh"
    "PgMAAAB0AAAAAA==",
    "3.7": "4wEAAAAAAAAAAQAAAAMAAABDAAAAcxIAAAB0AGQBgwGgAWQCoQFwEHwAUwApA07aAm9z2gJpZCkC2gpfX2ltcG9ydF9f2gZz"
    "eXN0ZW0pAdoBeKkAcgYAAADaCDxzdHJpbmc+2gg8bGFtYmRhPgMAAADzAAAAAA==",
    "3.10": "4wEAAAAAAAAAAAAAAAEAAAADAAAAQwAAAHMSAAAAdABkAYMBoAFkAqEBcAh8AFMAKQNO2gJvc9oCaWQpAtoKX19pbXBvcnRf"
    "X9oGc3lzdGVtKQHaAXipAHIGAAAA2gg8c3RyaW5nPtoIPGxhbWJkYT4DAAAAcwIAAAASAA==",
    "3.13": "4wEAAAAAAAAAAAAAAAMAAAADAAAA80gAAACVAFsBAAAAAAAAAABTATUBAAAAAAAAUgMAAAAAAAAAAAAAAAAAAAAAAABTAjUB"
    "AAAAAAAAPQEoAAAAAAAAAGQCAAAgAFUAJAApA07aAm9z2gJpZCkC2gpfX2ltcG9ydF9f2gZzeXN0ZW0pAdoBeHMBAAAAINoI"
    "PHN0cmluZz7aCDxsYW1iZGE+cggAAAADAAAAcxwAAACAAIxqmBTTDh7XDiXRDiWgZNMOK9cOMKhx0A4w8wAAAAA=",
}


def code_of(source: str) -> CodeType:
    return next(const for const in compile(source, "x", "eval").co_consts if isinstance(const, CodeType))


def test_code_of_the_running_python_is_read() -> None:
    code = code_of("lambda x: __import__('os').system('id') or x")
    found = loads(standard.dumps(code))
    assert isinstance(found, Code)
    assert (found.name, found.names) == (code.co_name, code.co_names)
    assert [const for const in found.consts if isinstance(const, str)] == ["os", "id"]
    assert found.flags == code.co_flags


@pytest.mark.parametrize("version", OLD)
def test_code_of_another_python_is_read(version: str) -> None:
    found = loads(base64.b64decode(OLD[version]))
    assert (found.name, found.names) == ("<lambda>", ("__import__", "system"))
    assert "id" in [const.decode() if isinstance(const, bytes) else const for const in found.consts]


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        1 << 100,
        1.5,
        2j,
        "text",
        "\u20ac",
        b"bytes",
        (1, (2, "x")),
        ["a"],
        {1: "a"},
        {"s"},
        ...,
    ],
)
def test_values_are_passed_over_to_their_end(value: Any) -> None:
    assert loads(standard.dumps((value, "end")))[1] == "end"


def test_values_are_shared_by_reference() -> None:
    shared = ("a" * 300,)
    found = loads(standard.dumps((shared, shared)))
    assert found[0] is found[1]


def test_depth_is_bounded() -> None:
    with pytest.raises(LimitExceeded):
        loads(b")\x01" * 5000 + b"N")


def test_length_is_bounded() -> None:
    with pytest.raises(LimitExceeded):
        loads(bytes(1 << 25))


def test_counts_that_are_not_true_take_no_memory() -> None:
    with pytest.raises(InputError):
        loads(b"(\xff\xff\xff\x7f")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 200))
def test_broken_code_raises_only_our_errors(junk: bytes, at: int) -> None:
    data = standard.dumps(code_of("lambda x: [y for y in open(x)]"))
    at %= len(data)
    for broken in (junk, data[:at] + junk, data[:at] + junk + data[at + len(junk) :]):
        with contextlib.suppress(InputError):
            loads(broken)


def test_nothing_is_run() -> None:
    before = set(sys.modules)
    loads(standard.dumps(code_of("lambda: __import__('this')")))
    assert set(sys.modules) - before == set()
