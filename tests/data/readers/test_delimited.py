from __future__ import annotations

from collections.abc import Callable

import pytest

from modelward.core.errors import InputError
from modelward.data.index import Options


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        (b"a,b\n1,2\n1,2,3\n", "line 3, row 2", "3 cells, the header 2"),
        (b"a,b\n1\n", "line 2, row 1", "1 cells"),
        (b"a,b\n1,2\n1,\xff\n", "line 3", "not UTF-8"),
        (b"a,b,a\n1,2,3\n", "line 1", "'a' twice"),
        (b"", "line 1", "empty"),
        (b"\n\n", "line 1", "empty"),
        (b'a,b\n1,"2\n', "line 2", "not valid CSV"),
        (b'a,b\n1,"2"x\n', "line 2", "not valid CSV"),
        (b"a,b\r1,2\r", "line 1", "not valid CSV"),
        ("a,b\n1,2\n".encode("utf-16"), "line 1", "not UTF-8"),
    ],
)
def test_bad_csv_is_refused_at_its_line(
    refused: Callable[..., InputError], content: bytes, place: str, message: str
) -> None:
    error = refused("x.csv", content)
    assert place in str(error.where)
    assert message in error.message


def test_a_value_that_is_not_of_the_named_type_is_refused(refused: Callable[..., InputError]) -> None:
    for kind, bad in (
        ("int64", "1.5"),
        ("int64", "9223372036854775808"),
        ("int64", "1_000"),
        ("int64", "٣"),
        ("double", "0x1"),
        ("double", " 1"),
        ("bool", "yes"),
    ):
        error = refused("x.csv", f"a,b\n,x\n{bad},x\n".encode(), Options(types={"a": kind}))
        assert "row 2" in str(error.where)
        assert f"not {kind}" in error.message
