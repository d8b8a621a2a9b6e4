"""Facts on components: which is to be believed."""

from __future__ import annotations

from modelward.bom.fields import table
from modelward.bom.model import Component, Fact, Grade, Kind, ordered

DECLARED = Fact("MDL-12", {"licence": "MIT"}, Grade.DECLARED, "file:README.md")
ATTESTED = Fact("MDL-12", {"licence": ["Apache-2.0", "MIT"]}, Grade.ATTESTED, "sha256:1")


def component(*facts: Fact) -> Component:
    return Component("model", Kind.MODEL, "m", facts=facts)


def test_better_grade_comes_first() -> None:
    both = component(DECLARED, ATTESTED)
    assert both.best("MDL-12") is ATTESTED
    assert both.texts("MDL-12", "licence") == ["Apache-2.0", "MIT"]
    assert both.text("MDL-12", "licence") == "Apache-2.0"


def test_what_is_not_said_is_empty() -> None:
    assert component().best("MDL-12") is None
    assert component(DECLARED).text("MDL-12", "other") == ""
    assert component(Fact("MDL-12", {"licence": 3}, Grade.DECLARED, "x")).texts("MDL-12", "licence") == []


def test_order_is_that_of_the_table() -> None:
    late = Fact("KPI-02", {}, Grade.ATTESTED, "x")
    assert ordered([late, DECLARED, ATTESTED], table()) == (ATTESTED, DECLARED, late)


def test_what_two_sources_say_alike_is_kept_once() -> None:
    again = Fact("MDL-12", {"licence": "MIT"}, Grade.OBSERVED, "file:LICENSE")
    assert ordered([DECLARED, again, DECLARED], table()) == (again,)
