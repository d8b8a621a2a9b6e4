"""The base set is small: systems and interpreters, never a home or a working directory."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from modelward.pipeline.sandbox import base


def test_system_places_hold_no_secrets() -> None:
    found = base.system()
    assert "/usr/lib" in found
    for secret in ("/", "/etc", "/root", "/home", "/var", "/run", "/proc", "/usr", "/usr/src", "/opt"):
        assert secret not in found


def test_virtual_environment_brings_what_it_was_made_from(tmp_path: Path) -> None:
    installed, made = tmp_path / "installed", tmp_path / "venv"
    for place in (installed / "bin", installed / "lib", made / "bin", made / "lib", made / "secrets"):
        place.mkdir(parents=True)
    (installed / "bin" / "python3.12").write_text("")
    os.symlink(installed / "bin" / "python3.12", made / "bin" / "python")
    (made / "pyvenv.cfg").write_text(f"home = {installed}/bin\nversion = 3.12\n")
    found = base.of_programs([made / "bin" / "python"])
    assert {str(made / "lib"), str(made / "bin"), str(installed / "lib")} <= set(found)
    assert str(made / "secrets") not in found
    assert str(made) not in found


def test_directory_around_a_program_is_not_taken_for_an_installation(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "share").mkdir()
    (tmp_path / "bin" / "tool").write_text("")
    assert base.of_programs([tmp_path / "bin" / "tool"]) == [str(tmp_path / "bin" / "tool")]


def test_devices_are_the_harmless_ones() -> None:
    found = set(base.devices(terminal=False)) - set(base.accelerators())
    assert found == {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}


@pytest.mark.parametrize(
    ("name", "expected"), [("python", True), ("python3.13t", True), ("pypy3", True), ("pythonish", False)]
)
def test_names_of_interpreters(name: str, expected: bool) -> None:
    assert base.is_python(Path(name)) is expected


def test_running_interpreter_is_covered() -> None:
    assert str(Path(sys.executable)) in base.of_programs([Path(sys.executable)])
