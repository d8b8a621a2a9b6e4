"""The command line as its users see it: arguments in; exit code, stdout and stderr out."""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modelward.cli import main

if TYPE_CHECKING:
    from tests.cli.company import Company


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run `modelward ARGUMENTS` in this process."""

    def run(*arguments: object) -> Done:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        code = ended.value.code
        return Done(code if isinstance(code, int) else 0, out, err)

    return run


def run_plainly(*arguments: object) -> Done:
    """Run `modelward ARGUMENTS` in this process, for fixtures of the whole session."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        main([str(argument) for argument in arguments])
    code = ended.value.code
    return Done(code if isinstance(code, int) else 0, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company whose registry was just made. Copied by each test: making one takes a second."""
    from tests.cli.company import found_company

    place = tmp_path_factory.mktemp("company")
    with contextlib.chdir(place):
        found_company(place, run_plainly)
    return place


@pytest.fixture(scope="session")
def deployed(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same company with fraud@1 in production."""
    from tests.cli.company import Company

    place = tmp_path_factory.mktemp("deployed") / "company"
    shutil.copytree(founded, place)
    with contextlib.chdir(place):
        Company(place, run_plainly).release()
    return place


@pytest.fixture
def company(
    founded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Callable[..., Done]
) -> Company:
    """People and a registry of their own for this test, in the working directory."""
    return _moved(founded, tmp_path, monkeypatch, command)


@pytest.fixture
def released(
    deployed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Callable[..., Done]
) -> Company:
    """The same with fraud@1 in production, made of the directory `model`."""
    return _moved(deployed, tmp_path, monkeypatch, command)


def _moved(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Callable[..., Done]
) -> Company:
    from tests.cli.company import Company

    place = tmp_path / "company"
    shutil.copytree(template, place)
    monkeypatch.chdir(place)
    return Company(place, command)
