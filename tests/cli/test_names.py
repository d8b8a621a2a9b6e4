"""MODEL@VERSION and MODEL:STAGE."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.cli.names import parse_place, parse_version
from modelward.core.errors import UsageError


@pytest.mark.parametrize(
    ("text", "parsed"), [("fraud@7", ("fraud", 7)), ("fraud", ("fraud", None)), ("a.b-c_d@1", ("a.b-c_d", 1))]
)
def test_a_version(text: str, parsed: tuple[str, int | None]) -> None:
    assert parse_version(text) == parsed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@1",
        "fraud@",
        "fraud@0",
        "fraud@-1",
        "fraud@1.0",
        "fraud@ 1",
        "fraud@1000000000",
        "fraud@١",
        "a/b@1",
    ],
)
def test_what_is_no_version(text: str) -> None:
    with pytest.raises(UsageError):
        parse_version(text)


def test_a_place() -> None:
    assert parse_place("fraud:production") == ("fraud", "production")


@pytest.mark.parametrize("text", ["", "fraud", ":production", "fraud:", "a:b:c", "fraud:../x", "fraud: dev"])
def test_what_is_no_place(text: str) -> None:
    with pytest.raises(UsageError):
        parse_place(text)


@given(st.text(max_size=20))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    for parse in (parse_version, parse_place):
        try:
            parse(text)
        except UsageError:
            continue
