"""Making a registry: all of it or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.registry.town import POLICY

from modelward.attest.keys.file import PrivateKeySigner, generate
from modelward.attest.trust import walk
from modelward.attest.trust_files import load_versions
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.registry import create as module
from modelward.registry.create import SERVICE, Founder, check_vacant, create
from modelward.registry.local import Registry


def founder(name: str = "ruth", roles: tuple[str, ...] = ("administrator",)) -> Founder:
    own = PrivateKeySigner(generate())
    return Founder(name, "Ruth", PrivateKeySigner(generate()), own.public, roles)


def test_a_new_registry_opens_from_the_identity_that_was_given(tmp_path: Path) -> None:
    pin = create(tmp_path / "reg", "acme", POLICY, founder())
    with Registry(tmp_path / "reg", pin) as registry:
        assert (registry.settings.name, registry.log.size) == ("acme", 0)
        assert registry.policy.digest == Digest.sha256(POLICY)
        assert registry.log_view.consistent
        assert not registry.versions()


def test_each_service_has_a_key_of_its_own_and_the_founder_has_none_of_them(tmp_path: Path) -> None:
    pin = create(tmp_path / "reg", "acme", POLICY, founder())
    trust = walk(pin, load_versions(tmp_path / "reg"), now=instant.now())
    roles = {key.roles: key.principal for key in trust.policy.keys}
    assert roles == {
        ("root",): "ruth",
        ("administrator",): "ruth",
        ("gate",): SERVICE,
        ("log",): SERVICE,
        ("status",): SERVICE,
    }
    for key in (tmp_path / "reg" / "keys").glob("*.pem"):
        assert key.stat().st_mode & 0o077 == 0


def test_two_registries_of_one_name_have_other_identities(tmp_path: Path) -> None:
    ruth = founder()
    assert create(tmp_path / "a", "acme", POLICY, ruth) != create(tmp_path / "b", "acme", POLICY, ruth)


def test_an_empty_directory_may_be_there(tmp_path: Path) -> None:
    create(tmp_path, "acme", POLICY, founder())


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (["thesis.tex"], "the directory is not empty"),
        (["keys/gate.pem"], "an earlier modelward init was interrupted here"),
        (["log/checkpoint"], "an earlier modelward init was interrupted here"),
        (["registry.toml", "keys/gate.pem"], "there is a registry here already"),
    ],
)
def test_what_is_there_already_stays(tmp_path: Path, files: list[str], said: str) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    for attempt in (lambda: check_vacant(tmp_path), lambda: create(tmp_path, "acme", POLICY, founder())):
        with pytest.raises(InputError, match=said) as caught:
            attempt()
        assert caught.value.help
    assert all((tmp_path / name).read_text() == "x" for name in files)


@pytest.mark.parametrize(
    ("policy", "who"),
    [(b"nonsense", founder()), (POLICY, founder(SERVICE)), (POLICY, founder(roles=("no-role",)))],
    ids=["policy", "name", "role"],
)
def test_a_mistake_leaves_nothing(tmp_path: Path, policy: bytes, who: Founder) -> None:
    with pytest.raises(InputError):
        create(tmp_path / "reg", "acme", policy, who)
    assert not (tmp_path / "reg").exists() or not list((tmp_path / "reg").iterdir())


def test_a_disk_that_fills_up_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_version", full)
    with pytest.raises(OSError, match="No space left"):
        create(tmp_path / "reg", "acme", POLICY, founder())
    assert not list((tmp_path / "reg").iterdir())
