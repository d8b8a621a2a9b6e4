"""registry.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelward.attest.keys.file import generate, write_key
from modelward.core.errors import InputError
from modelward.registry.settings import Settings

GOOD = 'format = "modelward-registry/v1"\nname = "acme"\n[signers]\ngate = "file:keys/gate.pem"\n'


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    settings = Settings(name='a "quoted" \\ name', signers={"gate": "file:keys/gate.pem", "log": "pkcs11:x"})
    settings.write(tmp_path / "registry.toml")
    assert Settings.read(tmp_path / "registry.toml") == settings


def test_no_file_is_no_registry(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no registry here") as caught:
        Settings.read(tmp_path / "registry.toml")
    assert (caught.value.where, caught.value.help) == (str(tmp_path), "modelward init DIRECTORY")


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        GOOD.replace("v1", "v2"),
        GOOD + "extra = 1\n",
        GOOD.replace("gate =", "root ="),
        GOOD.replace("name", "nam"),
        GOOD.replace('"file:keys/gate.pem"', "7"),
        "a = " + "[" * 100_000,
        "\udcff",
    ],
    ids=["text", "format", "extra", "role", "name", "type", "deep", "encoding"],
)
def test_other_settings_are_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "registry.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match="not valid registry settings") as caught:
        Settings.read(path)
    assert caught.value.where == str(path)


def test_a_relative_key_is_found_from_the_registry_wherever_the_process_is(tmp_path: Path) -> None:
    public = write_key(tmp_path / "keys" / "gate.pem", generate(), None)
    settings = Settings(name="acme", signers={"gate": "file:keys/gate.pem"})
    assert settings.signer("gate", tmp_path).public == public


def test_a_role_without_a_signer_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="names no signer for status"):
        Settings(name="acme", signers={}).signer("status", tmp_path)
