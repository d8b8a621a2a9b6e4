from __future__ import annotations

import pytest
from tests.formats.assemble import NONE, POP, SHELL, call, fetch, pickle, text
from tests.scan.examine import examine, rules

from modelward.core.finding import Finding, Severity


def test_shell_command() -> None:
    assert examine(pickle(SHELL)).findings == [
        Finding(
            rule="pickle-unsafe-call",
            severity=Severity.ERROR,
            message="loading this file runs a shell command",
            path="model.bin",
            offset=25,
            expression="posix.system('id')",
            fix="do not load it; ask the publisher for safetensors",
            step="REDUCE",
            label="called while the file loads",
        )
    ]


def test_call_whose_result_is_thrown_away() -> None:
    assert rules(pickle(SHELL, POP, NONE)) == ["pickle-unsafe-call"]


def test_sink_that_is_fetched_and_not_called() -> None:
    (finding,) = examine(pickle(fetch("os", "system"))).findings
    assert finding.message == "this file fetches os.system, which runs a shell command"
    assert finding.label == "fetched while the file loads"


def test_two_commands_are_two_findings() -> None:
    assert rules(pickle(SHELL, POP, call("posix", "system", text("whoami")))) == ["pickle-unsafe-call"] * 2


@pytest.mark.parametrize(
    "near",
    [call("collections", "OrderedDict"), text("posix\nsystem\nid"), call("torch", "device", text("cpu"))],
)
def test_near_miss(near: bytes) -> None:
    assert rules(pickle(near)) == []
