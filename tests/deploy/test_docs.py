"""docs/deploy.md says what the code does."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from tests.registry.town import POLICY

import modelward
from modelward.cli.app import modelward as command_line
from modelward.core import errors
from modelward.gate.policy import Policy

from .conftest import TENSORS, Host

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
SOURCE = "".join(
    (ROOT / "src" / "modelward" / name).read_text(encoding="utf-8")
    for name in ("deploy/verify.py", "cli/verify.py")
)


def command(words: list[str]) -> click.Command:
    """The command that a line begins with."""
    found: click.Command = command_line
    for word in words:
        if not isinstance(found, click.Group):
            break
        found = found.get_command(click.Context(found), word) or pytest.fail(f"no command {word}")
    return found


def test_the_steps_are_those_of_the_code() -> None:
    table = re.findall(r"^\| (\d+) \| ([a-z ]+) \|", PAGE, re.MULTILINE)
    code = re.findall(r'step\((\d+), "([a-z ]+)"\)', SOURCE)
    assert [int(number) for number, name in table if name in dict(code).values()] == list(range(1, 14))
    assert set(code) <= set(table)


def test_every_option_exists() -> None:
    known = {
        option
        for words in (["verify"], ["key", "root"], ["registry", "export"])
        for parameter in command(words).params
        for option in parameter.opts
    }
    assert set(re.findall(r"--[a-z]+(?:-[a-z]+)*", PAGE)) <= known


def test_every_command_exists() -> None:
    for line in re.findall(r"`?modelward ((?:[a-z]+ ?){1,2})", PAGE.replace("\n", " ")):
        words = line.split()
        if words[0] in command_line.list_commands(click.Context(command_line)):
            command(words)


def test_the_example_runs(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    found = re.search(r"<!-- example -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    assert found
    text = found[1].replace("/srv/fraud", str(host.path)).replace("sha256:46cb…", str(host.town.pin))
    names: dict[str, Any] = {}
    exec(text.replace("release.json", str(host.town.bundle())), names)
    assert (names["weights"] == TENSORS["a"]).all()
    assert names["config"] == b"{}"
    assert capsys.readouterr().out == "fraud 1 True\n"


def test_names_of_the_python_interface_are_public() -> None:
    assert set(re.findall(r"modelward\.([A-Za-z]+)", PAGE)) <= set(modelward.__all__)


def test_the_status_is_good_for_as_long_as_it_says() -> None:
    assert "after 24 hours, or what `status-valid` in the gate policy says" in PAGE
    assert Policy.parse(POLICY).status_valid == timedelta(hours=24)
    assert Policy.parse(b'status-valid = "1h"' + POLICY).status_valid == timedelta(hours=1)


def test_the_exit_codes_are_those_of_the_errors() -> None:
    assert dict(re.findall(r"^\| ([012]) \| (verified|rejected|could not tell)", PAGE, re.MULTILINE)) == {
        str(errors.EXIT_YES): "verified",
        str(errors.EXIT_NO): "rejected",
        str(errors.EXIT_CANNOT_TELL): "could not tell",
    }
    assert (errors.Rejected.exit_code, errors.Stale.exit_code) == (1, 2)
