"""bom: the BOM at hand is the release's, and holds what the stage asks for."""

from __future__ import annotations

from tests.gate.case import FilledBom, complete

from modelward.core.digest import Digest


def test_a_missing_field_is_named_with_how_to_fill_it() -> None:
    case = complete()
    case.bom = FilledBom(case.bom.digest, ["MDL-01"])
    assert case.failing()["bom"] == "MDL-01 a field is missing: fill it"


def test_another_bom_than_the_one_approved_fails() -> None:
    case = complete()
    case.bom = FilledBom(Digest.sha256(b"other"))
    assert "not the one of this release" in case.failing()["bom"]
