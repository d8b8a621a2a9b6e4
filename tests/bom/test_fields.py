"""The table of fields."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelward.bom.fields import GATES, field, required_at, table
from modelward.core.errors import UsageError


def test_table_has_the_72_fields() -> None:
    assert len(table()) == 72
    assert next(iter(table())) == "MD-01"
    clusters = {entry.id.split("-")[0] for entry in table().values()}
    assert clusters == {"MD", "SLP", "MDL", "DP", "INF", "SP", "KPI", "PRO"}


@pytest.mark.parametrize("entry", table().values(), ids=lambda entry: entry.id)
def test_each_field_says_what_it_is_and_how_to_fill_it(entry) -> None:
    assert entry.gate in GATES
    assert len(entry.title) > 5
    assert len(entry.fill) > 10


def test_later_gates_need_all_that_earlier_ones_do() -> None:
    sizes = [len(required_at(gate)) for gate in GATES[:-1]]
    assert sizes == sorted(sizes)
    assert set(required_at("register")) < set(required_at("production"))


def test_what_comes_after_the_review_is_never_required_of_it() -> None:
    assert not [name for name in required_at("deploy") if name.startswith("PRO") or name == "MD-05"]


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UsageError, match="MDL-99"):
        field("MDL-99")
    with pytest.raises(UsageError, match="after"):
        required_at("after")


def test_page_lists_every_field_as_the_table_has_it() -> None:
    page = (Path(__file__).parents[2] / "docs" / "bom.md").read_text(encoding="utf-8")
    for entry in table().values():
        assert f"| {entry.id} | {entry.title} | {entry.gate} | {entry.fill} |" in page
