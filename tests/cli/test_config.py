"""Settings of the working directory, and nothing above it."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelward.cli.config import REGISTRY_VARIABLE, load_config
from modelward.core.errors import InputError


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_settings_there_is_no_registry() -> None:
    assert load_config().registry is None


def test_modelward_toml_names_the_registry(place: Path) -> None:
    (place / "modelward.toml").write_text('registry = "reg"\n')
    assert load_config().registry == Path("reg")


def test_pyproject_names_it_when_there_is_no_modelward_toml(place: Path) -> None:
    (place / "pyproject.toml").write_text('[project]\nname = "x"\n[tool.modelward]\nregistry = "reg"\n')
    assert load_config().registry == Path("reg")
    (place / "modelward.toml").write_text('registry = "own"\n')
    assert load_config().registry == Path("own")


def test_the_environment_wins(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "modelward.toml").write_text('registry = "reg"\n')
    monkeypatch.setenv(REGISTRY_VARIABLE, "elsewhere")
    assert load_config().registry == Path("elsewhere")


def test_parents_are_not_searched(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a directory that an attacker can write above the project would name the registry."""
    (place / "modelward.toml").write_text('registry = "reg"\n')
    (place / "inner").mkdir()
    monkeypatch.chdir(place / "inner")
    assert load_config().registry is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('registri = "x"\n', "unknown setting 'registri'"),
        ("registry = 1\n", "registry must be text in quotes"),
        ("registry = reg\n", "cannot read settings"),
        ("\x00", "cannot read settings"),
        ("a = " + "[" * 100_000, "cannot read settings"),
    ],
    ids=["unknown", "number", "unquoted", "binary", "deep"],
)
@pytest.mark.parametrize("name", ["modelward.toml", "pyproject.toml"])
def test_settings_that_cannot_be_meant_are_errors(place: Path, name: str, text: str, said: str) -> None:
    head = "[tool.modelward]\n" if name == "pyproject.toml" else ""
    (place / name).write_text(head + text)
    with pytest.raises(InputError, match=said) as caught:
        load_config()
    assert caught.value.where == name


def test_a_pyproject_of_another_tool_is_no_settings(place: Path) -> None:
    (place / "pyproject.toml").write_text('tool = "hammer"\n')
    assert load_config().registry is None


def test_a_modelward_table_that_is_none_is_an_error(place: Path) -> None:
    (place / "pyproject.toml").write_text('[tool]\nmodelward = "yes"\n')
    with pytest.raises(InputError, match=r"tool\.modelward must be a table"):
        load_config()
