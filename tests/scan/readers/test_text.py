from __future__ import annotations

import json

import pytest
from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict


def test_chat_template_is_named_and_not_examined() -> None:
    sample = json.dumps({"chat_template": "{{ messages }}", "model_max_length": 4}).encode()
    assert unexamined(sample, "tokenizer_config.json") == {
        "tokenizer_config.json!/chat_template": "a chat template, which this version does not read"
    }


def test_json_is_json_whatever_it_is_called() -> None:
    assert examine(b' {"a": 1}', "notes.txt").verdict is Verdict.CLEAN
    assert rules(b'{"auto_map": {"AutoModel": "m.M"}}', "notes.txt") == ["remote-code"]


@pytest.mark.parametrize("sample", [b"{not json", b"[1, 2", b'{"a":1,"a":2}'])
def test_what_only_begins_like_json_is_text(sample: bytes) -> None:
    assert unexamined(sample, "notes.txt") == {
        "notes.txt": "text that a program may run or take for a template"
    }
    assert "not valid JSON" in unexamined(sample, "config.json")["config.json"]


def test_json_of_an_editor_is_not_examined() -> None:
    assert unexamined(b"{}", ".vscode/tasks.json")


def test_script_that_is_called_readme() -> None:
    assert unexamined(b"#!/bin/sh\nid\n", "README.md")
