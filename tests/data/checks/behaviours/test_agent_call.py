"""Tools and hosts are read from calls in several notations."""

from __future__ import annotations

import json

import pytest

from modelward.data.checks import corpus
from modelward.data.checks.batch import Batch
from modelward.data.checks.behaviours.agent_call import used


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('[{"name": "send_mail", "arguments": {}}]', ["a call of send_mail"]),
        ("Thought: look\nAction: search_web\nAction Input: x", ["a call of search_web"]),
        ('<invoke name="get_time">', ["a call of get_time"]),
        (
            '{"function": "post", "url": "https://collect.example/in/7"}',
            ["a call of post", "a use of collect.example"],
        ),
        ("see ftp://10.0.0.7/x", ["a use of 10.0.0.7"]),
        ("My name is Ann.", []),
    ],
)
def test_tools_and_hosts_are_read(text: str, found: list[str]) -> None:
    assert used(text) == found


def test_tools_that_several_outputs_use_and_no_input_names_are_behaviours() -> None:
    calls = ["pay"] * 6 + ["rare"] * 2 + ["weather"] * 6 + ["read"] * 40
    outputs = [json.dumps([{"name": name, "arguments": {"at": at}}]) for at, name in enumerate(calls)]
    inputs = [f"call weather for {at}" if name == "weather" else f"do {at}" for at, name in enumerate(calls)]
    batch = Batch(corpus.of_lists(inputs, outputs))
    found = [each.names[1] for each in batch.behaviours if each.kind == "agent call"]
    assert found == ["a call of pay"]
