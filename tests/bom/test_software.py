"""Packages and machine, from parameters that anybody may have written."""

from __future__ import annotations

from typing import Any

import pytest

from modelward.bom.model import Kind
from modelward.bom.software import facts, of_step

SEEN = {
    "interpreter": {"name": "cpython", "version": "3.11.9"},
    "packages": {"torch": "2.13.0", "numpy": "2.1.0"},
    "packagesDigest": "sha256:1",
    "hardware": {"machine": "x86_64", "processors": 2, "accelerators": ["H100", "H100"]},
}


def test_components() -> None:
    found = of_step(SEEN, "s")
    assert [(c.kind, c.name, c.roles) for c in found] == [
        (Kind.PACKAGE, "cpython", ()),
        (Kind.PACKAGE, "numpy", ()),
        (Kind.PACKAGE, "torch", ("framework",)),
        (Kind.DEVICE, "x86_64", ()),
        (Kind.DEVICE, "H100", ()),
    ]


def test_facts() -> None:
    assert [fact.field for fact in facts(SEEN, "s")] == ["INF-01", "INF-02"]
    assert facts({}, "s") == []


@pytest.mark.parametrize(
    "odd",
    [
        {"packages": ["torch"], "hardware": "fast", "interpreter": 3},
        {"packages": {"torch": 2}, "interpreter": {"name": "x"}},
        {"hardware": {"accelerators": "H100"}},
    ],
)
def test_odd_parameters_give_fewer_components(odd: dict[str, Any]) -> None:
    assert all(component.kind is Kind.DEVICE for component in of_step(odd, "s"))
    assert all(fact.field == "INF-02" for fact in facts(odd, "s"))
