"""Findings: past the threshold and not before it; the table of the docs is that of the code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.data.profile.conftest import rows, rules

from modelward.data.profile.findings import RULES, percent

PAGE = Path(__file__).parents[3] / "docs" / "data" / "profile.md"


def test_the_table_of_the_page_is_that_of_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for rule in RULES.values():
        threshold = f"{rule.threshold:g}" if rule.threshold else "above 0"
        assert f"| `{rule.id}` | {rule.what} | {threshold} |" in page
    assert page.count("\n| `") >= len(RULES)


def test_clean_data_has_no_finding(profiled: Any) -> None:
    found = profiled({"train.parquet": rows(300), "test.parquet": rows(60, seed=2)}, attributes=("group",))
    assert found.findings == ()
    assert found.not_measured == ()


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("missing-values", {"age": None}),
        ("placeholder-values", {"group": "N/A"}),
        ("not-finite", {"age": float("nan")}),
        ("personal-data", {"text": "please write to bob@acme.io about the old house"}),
        ("small-group", {"group": "west"}),
    ],
)
def test_a_fault_in_a_few_rows_is_found(profiled: Any, rule: str, fault: dict[str, Any]) -> None:
    content = rows(300)
    for row in content[:20]:
        row |= fault
        row["text"] = f"{row['text']} {row['age']}"
    assert rule in rules(profiled({"d.parquet": content}, attributes=("group",)))


def test_labels_out_of_balance_are_found(profiled: Any) -> None:
    content = rows(300)
    for row in content[:290]:
        row["label"] = "no"
    content[299]["label"] = "yes"
    assert "label-imbalance" in rules(profiled({"d.parquet": content}))


def test_a_spoilt_column_of_numbers_and_a_constant_one_are_found(profiled: Any) -> None:
    content = rows(300)
    for number, row in enumerate(content):
        row["price"] = str(number)
        row["same"] = "x"
    assert "mixed-types" not in rules(profiled({"d.parquet": content}))
    content[7]["price"] = "cheap"
    found = profiled({"d.parquet": content})
    assert {finding.column for finding in found.findings if finding.rule == "mixed-types"} == {"price"}
    assert "constant-column" in rules(found)


def test_messages_and_places_hold_no_personal_data(profiled: Any) -> None:
    from msgspec import json

    content = rows(50)
    content[7]["text"] = "please write to zyxwv@acme.io about +44 20 7946 0958 and 4111 1111 1111 1111"
    found = json.encode(profiled({"d.parquet": content})).decode()
    assert "d.parquet row 8" in found
    for secret in ("zyxwv", "acme", "7946", "4111"):
        assert secret not in found


def test_rates_have_two_digits_that_count() -> None:
    assert [percent(rate) for rate in (0, 0.00042, 0.051, 0.5, 1)] == [
        "0%",
        "0.042%",
        "5.1%",
        "50.0%",
        "100.0%",
    ]
