from __future__ import annotations

import pytest

from modelward.formats.pickle.expression import MAX_LENGTH, render, shorten
from modelward.formats.pickle.values import Blob, Container, Global, Made, Persistent, Unknown, Value
from modelward.formats.source import BytesSource

F = Global("m", "f", 0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "None"),
        ("it's", '"it\'s"'),
        ("\x1b[31m\u202e", "'\\x1b[31m\\u202e'"),
        ("x" * 100, f"'{'x' * 60}'…"),
        (b"\x00", "b'\\x00'"),
        (Container("tuple", [1]), "(1,)"),
        (Container("list", [1, Container("set", [2])]), "[1, {2}]"),
        (Container("dict", ["k", F]), "{'k': m.f}"),
        (Container("list", [], lost=1), "[…]"),
        (Made(F, Container("tuple", [1, 2]), "REDUCE", 0), "m.f(1, 2)"),
        (Persistent("id", 0), "persistent_load('id')"),
        (Blob("bytes", BytesSource(b""), 0, 9000), "<9000 bytes of data>"),
        (Unknown("who knows"), "<who knows>"),
    ],
)
def test_values_are_written_as_expressions(value: Value, expected: str) -> None:
    assert render(value) == expected


def test_value_that_holds_itself_is_cut_short() -> None:
    value = Container("list")
    value.items.append(value)
    assert render(value) == "[[[[…]]]]"


def test_expression_has_a_bounded_length() -> None:
    assert len(shorten("x" * 10_000)) == MAX_LENGTH
    assert len(render(Global("m" * 10_000, "f", 0))) == MAX_LENGTH
