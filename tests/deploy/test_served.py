"""The served directory against the released manifest."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from modelward.artifact.hashing import hash_tree
from modelward.artifact.manifest import Manifest
from modelward.attest.predicates import Release
from modelward.core.digest import Digest
from modelward.core.errors import InputError, Rejected
from modelward.deploy import served


@dataclass(frozen=True)
class Released:
    """A released tree."""

    path: Path
    manifest: Manifest

    def check(self, *, allow_links: bool = False) -> None:
        served.compare(self.manifest, self.path, allow_links=allow_links)


@pytest.fixture
def released(tmp_path: Path) -> Released:
    path = tmp_path / "model"
    (path / "shards").mkdir(parents=True)
    (path / "config.json").write_bytes(b"{}")
    for number in range(8):
        (path / "shards" / str(number)).write_bytes(bytes([number]))
    return Released(path, hash_tree(path))


def test_the_released_tree(released: Released) -> None:
    released.check()


def test_the_listing_of_another_artifact(released: Released) -> None:
    some = str(Digest.sha256(b"some"))
    release = Release(
        registry=some,
        model="fraud",
        version=1,
        stage="production",
        artifact=str(released.manifest.digest),
        policy=some,
        bom=some,
    )
    listing = released.manifest.to_bytes()
    assert served.released_manifest(listing, release).digest == released.manifest.digest
    with pytest.raises(Rejected, match="not that of the released artifact"):
        served.released_manifest(listing.replace(b"config", b"konfig"), release)


def test_every_kind_of_difference_is_named(released: Released) -> None:
    (released.path / "config.json").write_bytes(b"[]")
    (released.path / "shards" / "3").unlink()
    (released.path / "new").touch()
    with pytest.raises(Rejected) as caught:
        released.check()
    assert caught.value.message.splitlines()[1:] == [
        "changed: config.json",
        "missing: shards/3",
        "not in the release: new",
    ]
    assert caught.value.exit_code == 1


def test_many_differences_are_counted(released: Released) -> None:
    for number in range(8):
        (released.path / "shards" / str(number)).write_bytes(b"x")
    with pytest.raises(Rejected, match=r"changed: shards/0, .*, shards/4 and 3 more$"):
        released.check()


def test_an_executable_bit_and_times_are_not_content(released: Released) -> None:
    os.utime(released.path / "config.json", (0, 0))
    (released.path / "config.json").chmod(0o755)
    released.check()


def test_a_link_to_the_same_bytes_is_refused_unless_links_are_allowed(released: Released) -> None:
    (released.path / "config.json").rename(released.path / "shards" / "config")
    (released.path / "config.json").symlink_to("shards/config")
    linked = replace(released, manifest=hash_tree(released.path))
    with pytest.raises(Rejected, match="is a link"):
        linked.check()
    linked.check(allow_links=True)


def test_a_linked_directory_is_refused(released: Released, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (released.path / "shards" / "more").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Rejected, match="more: is a link"):
        released.check()


def test_a_dangling_link_is_refused(released: Released) -> None:
    (released.path / "shards" / "more").symlink_to("nowhere")
    with pytest.raises(Rejected, match="is a link"):
        released.check()


def test_the_directory_itself_may_be_reached_by_a_link(released: Released, tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to(released.path)
    replace(released, path=tmp_path / "current").check()


def test_a_directory_that_is_not_there(released: Released, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no directory"):
        replace(released, path=tmp_path / "nothing").check()
    with pytest.raises(InputError, match="no directory"):
        replace(released, path=released.path / "config.json").check()
