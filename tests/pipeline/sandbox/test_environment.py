"""The environment is clean: what reaches the command was named."""

from __future__ import annotations

import pytest

from modelward.core.errors import UsageError
from modelward.pipeline.sandbox import environment


def test_only_harmless_variables_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("GITHUB_TOKEN", "leaked")
    found = environment.clean("/tmp", {"EPOCHS": "3"}, {"TOKEN": "secret"})
    assert found["LANG"] == "C.UTF-8"
    assert (found["HOME"], found["TMPDIR"]) == ("/tmp", "/tmp")
    assert (found["EPOCHS"], found["TOKEN"]) == ("3", "secret")
    assert "GITHUB_TOKEN" not in found


def test_variable_is_passed_by_name_or_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEED", "7")
    assert environment.variables(["SEED", "EPOCHS=3", "EMPTY="]) == {"SEED": "7", "EPOCHS": "3", "EMPTY": ""}


def test_secret_in_a_recorded_variable_is_refused() -> None:
    with pytest.raises(UsageError, match="looks like a Hugging Face token") as refusal:
        environment.variables(["TOKEN=hf_" + "a" * 34])
    assert "--secret" in (refusal.value.help or "")


@pytest.mark.parametrize("name", ["MODELWARD_PASSPHRASE", "MODELWARD_PIN"])
def test_what_unlocks_the_key_cannot_be_passed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "x")
    with pytest.raises(UsageError, match="unlocks your key"):
        environment.secrets([name])


@pytest.mark.parametrize("name", ["LD_PRELOAD", "LD_LIBRARY_PATH", "GCONV_PATH"])
def test_variable_that_loads_other_code_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="load other code"):
        environment.variables([f"{name}=/tmp/evil.so"])


@pytest.mark.parametrize("name", ["", "A B", "A-B", "1A"])
def test_odd_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="not the name of a variable"):
        environment.secrets([name])


def test_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    with pytest.raises(UsageError, match="no such variable is set"):
        environment.secrets(["NOT_SET"])
