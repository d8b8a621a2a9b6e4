"""The program as a whole: how it ends."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from modelward.cli import app
from modelward.core.errors import InputError, Rejected


def ended(monkeypatch: pytest.MonkeyPatch, raising: BaseException) -> int:
    @click.command()
    def failing() -> None:
        raise raising

    monkeypatch.setattr(app, "modelward", failing)
    with pytest.raises(SystemExit) as caught:
        app.main([])
    assert isinstance(caught.value.code, int)
    return caught.value.code


@pytest.mark.parametrize(
    ("raising", "code"),
    [
        (Rejected("no"), 1),
        (InputError("what"), 2),
        (OSError(28, "No space left on device", "x"), 2),
        (BrokenPipeError(), 2),
        (KeyboardInterrupt(), 130),
        (ZeroDivisionError(), 2),
        (RecursionError(), 2),
    ],
)
def test_only_a_rejection_is_a_no(monkeypatch: pytest.MonkeyPatch, raising: BaseException, code: int) -> None:
    assert ended(monkeypatch, raising) == code


def test_a_defect_says_that_nothing_can_be_concluded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ended(monkeypatch, ZeroDivisionError())
    assert "a defect in modelward; nothing can be concluded" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["rule"], ["--help"]])
def test_a_reader_that_goes_away_is_told_no_answer(arguments: list[str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "modelward", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.wait(timeout=30) == 2
    assert process.stderr.read() == b""
    process.stderr.close()


def test_closed_streams_are_as_good_as_empty() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m modelward scan - <&- >&-"], capture_output=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (2, b"")
    done = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m modelward scan - <&- 2>&-"], capture_output=True, timeout=60
    )
    assert done.stdout.startswith(b"not examined: stdin (nothing came)\n1 file: 0 examined, 1 not.")
