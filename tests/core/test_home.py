"""Where the user's files are."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelward.core import home


def test_the_variable_names_the_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MODELWARD_HOME", str(tmp_path))
    assert home.directory() == tmp_path
    assert home.state_directory() == tmp_path / "state"


def test_without_it_the_directory_is_in_the_users_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("MODELWARD_HOME")
    assert home.directory() == tmp_path / ".config" / "modelward"


def test_a_tilde_is_the_users_own_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MODELWARD_HOME", "~/ward")
    assert home.directory() == tmp_path / "ward"
