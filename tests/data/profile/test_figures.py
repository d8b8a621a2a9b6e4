"""Figures: what the statement holds, and nothing of the rows."""

from __future__ import annotations

import json
from typing import Any

from tests.data.profile.conftest import rows

from modelward.attest.predicates import Profile
from modelward.attest.predicates.profile import Figures
from modelward.attest.statement import Statement
from modelward.core.digest import Digest
from modelward.data.profile.figures import figures, predicate


def test_the_statement_is_valid_and_holds_no_value(profiled: Any) -> None:
    found = profiled(
        {"train.parquet": rows(200), "test.parquet": rows(40, seed=2)},
        attributes=("group",),
        former=profiled({"a.parquet": rows(100, seed=3)}, near=False),
    )
    made = predicate(found) | {"profiledAt": "2026-11-22T09:14:00Z"}
    typed = Statement("d", Digest.parse(found.subject), Profile.TYPE, made).typed(Profile)
    assert typed.figures.missing == 0
    assert typed.against[0].shared == 0
    assert typed.former == found.former
    text = json.dumps(made)
    for value in ("north", "river", "yes"):
        assert value not in text


def test_every_figure_is_a_field_of_the_predicate(profiled: Any) -> None:
    names = figures(profiled({"d.parquet": rows(50)}))
    assert set(names) == set(Figures.__struct_encode_fields__)


def test_what_was_not_measured_is_absent(profiled: Any) -> None:
    content = [{"n": number} for number in range(50)]
    known = {name for name, value in figures(profiled({"d.parquet": content})).items() if value is not None}
    assert known == {"missing", "duplicateRows", "personalRows"}
