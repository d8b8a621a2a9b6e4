"""What is missing, judged from the document alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bom.conftest import Story

from modelward.attest.predicates import Custody, Evaluation, Provenance, Scan
from modelward.bom.completeness import REVIEW_FIELDS, Missing, missing, present
from modelward.bom.cyclonedx import to_cyclonedx
from modelward.bom.fields import table
from modelward.core import strict_json
from modelward.core.errors import UsageError


def ids(lacking: list[Missing]) -> set[str]:
    return {entry.id for entry in lacking}


def document(story: Story, *without: Any) -> dict[str, Any]:
    gone = {kind.TYPE for kind in without}
    said = [v for v in story.ledger.said if v.statement.predicate_type not in gone]
    made: dict[str, Any] = strict_json.loads(strict_json.dumps(to_cyclonedx(story.bom(said))))
    return made


def test_whole_pipeline_fills_what_a_new_registry_asks(story: Story) -> None:
    assert missing(document(story), REVIEW_FIELDS) == []


@pytest.mark.parametrize(
    ("without", "field"),
    [(Scan, "SP-05"), (Evaluation, "KPI-02"), (Provenance, "MDL-11"), (Custody, "DP-10")],
)
def test_each_missing_statement_is_noticed(story: Story, without: Any, field: str) -> None:
    assert field in ids(missing(document(story, without), REVIEW_FIELDS))


def test_missing_field_says_how_to_fill_it(story: Story) -> None:
    (entry,) = missing(document(story, Scan), ["SP-05"])
    assert entry == Missing("SP-05", table()["SP-05"].title, table()["SP-05"].fill)


def test_one_dataset_without_a_field_is_named(story: Story) -> None:
    (entry,) = missing(document(story), ["DP-08"])
    assert entry.title.endswith("(spam-test)")


def test_model_without_data_lacks_every_field_of_data(bare: Story) -> None:
    (bare.model / "model-card.toml").unlink()
    (entry,) = missing(document(bare), ["DP-01"])
    assert "no dataset is known" in entry.title


def test_grade_of_a_dataset_field_is_the_worst(story: Story) -> None:
    found = present(document(story))
    assert found["DP-01"] == "attested"
    assert found["SLP-01"] == "declared"


def test_unknown_field_is_a_mistake_of_the_policy(story: Story) -> None:
    with pytest.raises(UsageError, match="MDL-77"):
        missing(document(story), ["MDL-77"])


def test_claim_about_data_on_the_document_itself_does_not_count(story: Story) -> None:
    made = document(story, Custody)
    made["properties"].append({"name": "modelward:field:DP-10", "value": "attested"})
    assert "DP-10" in ids(missing(made, ["DP-10"]))


@pytest.mark.parametrize("value", ["", "very sure", None, 3])
def test_grade_that_is_none_does_not_count(value: Any) -> None:
    made = {"properties": [{"name": "modelward:field:MDL-01", "value": value}]}
    assert ids(missing(made, ["MDL-01"])) == {"MDL-01"}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["components", "properties", "type", "data", "name", "value"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["components", "properties"]), _JSON))
def test_any_document_is_judged_without_an_error(made: dict[str, Any]) -> None:
    assert ids(missing(made, list(table()))) == set(table())
