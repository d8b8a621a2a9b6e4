from __future__ import annotations

from tests.formats.assemble import Zip, good_safetensors, number, pickle
from tests.scan.examine import examine, rules


def test_pickle_and_zip() -> None:
    found = examine(pickle(number(1)) + Zip().add("README", b"x").bytes()).findings
    assert "this file is zip and pickle at once" in [finding.message for finding in found]


def test_safetensors_and_zip() -> None:
    assert "polyglot" in rules(good_safetensors() + Zip().add("README", b"x").bytes())


def test_near_miss() -> None:
    assert rules(Zip().add("x.pkl", pickle(number(1))).add("x.safetensors", good_safetensors()).bytes()) == []
