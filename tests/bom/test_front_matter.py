"""Front matter of READMEs, as people and attackers write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.bom.front_matter import first_paragraph, parse

CARD = """---
license: apache-2.0  # ours
language:
- en
- "de"
datasets: [spam, 'ham']
base_model: acme/tiny
model-index:
- name: tiny
  results:
    - task:
        type: text
pipeline_tag:
tags: null
---
# Title

![badge](x)

It scores
claims.
"""


def test_flat_keys_are_read() -> None:
    values, body = parse(CARD)
    assert values["license"] == ("apache-2.0",)
    assert values["language"] == ("en", "de")
    assert values["datasets"] == ("spam", "ham")
    assert values["base_model"] == ("acme/tiny",)
    assert "pipeline_tag" not in values
    assert "tags" not in values
    assert first_paragraph(body) == "It scores claims."


def test_nested_values_are_left_out_not_guessed() -> None:
    assert "model-index" not in parse(CARD)[0]


@pytest.mark.parametrize(
    "text", ["", "# no front matter", "---\nlicense: mit\n", "--- x\nlicense: mit\n---\n"]
)
def test_without_front_matter_there_are_no_values(text: str) -> None:
    assert parse(text) == ({}, text)


@pytest.mark.parametrize("scalar", ["&a mit", "*a", "!!python/object x", "{a: b}", "|", ">", "@x", "a: b"])
def test_yaml_that_is_more_than_a_scalar_is_left_out(scalar: str) -> None:
    assert parse(f"---\nlicense: {scalar}\n---\n")[0] == {}


def test_windows_line_ends() -> None:
    assert parse("---\r\nlicense: mit\r\n---\r\n")[0] == {"license": ("mit",)}


@given(st.text(st.sampled_from("-#:[]\"' \nab{}|>"), max_size=80))
def test_any_text_is_read_without_an_error(text: str) -> None:
    values, body = parse(f"---\n{text}\n---\n{text}")
    assert all(all(value) for value in values.values())
    assert len(first_paragraph(body, limit=10)) <= 10
