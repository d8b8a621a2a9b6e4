"""The command starts, starts light, and answers a mistake with a word and exit code 2."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from modelward import __version__
from modelward.cli.app import VERBS

#: What a command imports only when it needs it.
HEAVY = {"alembic", "cedarpy", "cel_expr_python", "cryptography", "numpy", "obstore", "pyarrow", "sqlalchemy"}


def modelward(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "modelward", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
        timeout=60,
    )


def test_help_lists_every_verb() -> None:
    run = modelward("--help")
    assert run.returncode == 0
    assert run.stderr == ""
    for verb, (_, _, help_line) in VERBS.items():
        assert verb in run.stdout
        assert help_line.split()[0] in run.stdout


def test_installed_command_is_the_module() -> None:
    script = Path(sys.executable).with_name("modelward")
    if not script.exists():
        pytest.skip("skipped: needs modelward installed (make test installs it)")
    run = subprocess.run([script, "--version"], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout == modelward("--version").stdout == f"modelward {__version__}\n"


def test_help_loads_nothing_heavy() -> None:
    """For every verb too: the command line is declared without the parts that do the work."""
    program = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from modelward.cli.app import VERBS, modelward\n"
        "for arguments in ([], *([verb] for verb in VERBS)):\n"
        "    result = CliRunner().invoke(modelward, [*arguments, '--help'])\n"
        "    assert result.exit_code == 0, (arguments, result)\n"
        f"    loaded = sorted({HEAVY!r} & sys.modules.keys())\n"
        "    assert not loaded, (arguments, loaded)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert run.returncode == 0, run.stderr


def test_no_arguments_shows_help_and_could_not_tell() -> None:
    run = modelward()
    assert run.returncode == 2
    assert "Usage: " in run.stdout + run.stderr


@pytest.mark.parametrize("arguments", [("no-such-verb",), ("--no-such-option",)])
def test_mistake_is_exit_code_two_without_a_traceback(arguments: tuple[str, ...]) -> None:
    run = modelward(*arguments)
    assert run.returncode == 2
    assert run.stdout == ""
    assert "Traceback" not in run.stderr
    assert "Error" in run.stderr


def test_terminal_escape_in_an_argument_is_not_printed_raw() -> None:
    run = modelward("digest", "/nonexistent/\x1b[31mred")
    assert run.returncode == 2
    assert "\x1b" not in run.stdout + run.stderr


def test_closed_reader_is_no_traceback() -> None:
    run = subprocess.run(
        f"{sys.executable} -m modelward --help | true", shell=True, capture_output=True, text=True, timeout=60
    )
    assert "Traceback" not in run.stderr
    assert "Exception ignored" not in run.stderr
