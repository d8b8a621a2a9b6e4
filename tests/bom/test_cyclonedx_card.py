"""The model card inside the document."""

from __future__ import annotations

import json

from tests.bom.conftest import Story

from modelward.bom.cyclonedx_card import model_card


def test_inputs_outputs_and_considerations(story: Story) -> None:
    card = model_card(story.bom())
    assert card["modelParameters"]["inputs"] == [{"format": "text"}]
    assert card["modelParameters"]["outputs"] == [{"format": "probability of fraud"}]
    assert card["considerations"] == {"useCases": ["triage of claims"]}


def test_evaluation_names_harness_report_and_evaluator(story: Story) -> None:
    (entry,) = model_card(story.bom())["properties"]
    measured = json.loads(entry["value"])
    assert measured["by"] == "eve"
    assert measured["harness"]["name"] == "harness.py"
    assert "metrics" not in measured


def test_invented_approach_is_not_written(bare: Story) -> None:
    card = '[model]\napproach = "{}"\n'
    (bare.model / "model-card.toml").write_text(card.format("magic"))
    assert "approach" not in model_card(bare.bom())["modelParameters"]
    (bare.model / "model-card.toml").write_text(card.format("supervised"))
    assert model_card(bare.bom())["modelParameters"]["approach"] == {"type": "supervised"}
