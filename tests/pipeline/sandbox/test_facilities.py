"""What the kernel offers is tried, and what is missing is said in plain words."""

from __future__ import annotations

import sys

import pytest

from modelward.pipeline.sandbox import facilities
from modelward.pipeline.sandbox.facilities import Facilities


def test_probe_of_this_machine_is_complete() -> None:
    found = facilities.probe()
    assert found.enforcing or found.missing.startswith("no ")


def test_missing_parts_are_named() -> None:
    found = Facilities({"user namespace": "Operation not permitted", "Landlock": "this kernel has none"})
    assert found.missing == "no user namespace (Operation not permitted), no Landlock (this kernel has none)"
    assert not found.enforcing
    assert not found.namespaces


def test_without_landlock_there_still_are_namespaces() -> None:
    found = Facilities({"Landlock": "this kernel has none"})
    assert (found.namespaces, found.enforcing) == (True, False)


def test_other_systems_offer_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert facilities.probe.__wrapped__().missing == "no sandbox (darwin offers none that we use)"
