from __future__ import annotations

from pathlib import Path

import pytest

from modelward.formats.links import escape


@pytest.mark.parametrize(
    "target", ["/etc/passwd", "/proc/self/environ", "../../outside", "a/../../x", "/root/.ssh/id_rsa"]
)
def test_link_into_the_machine(tmp_path: Path, target: str) -> None:
    (tmp_path / "model.bin").symlink_to(target)
    found = escape(str(tmp_path), "model.bin")
    assert found is not None
    assert found.target == target


@pytest.mark.parametrize("target", ["/data/models/x.bin", "../../blobs/" + "0" * 64, "b/../c"])
def test_near_miss_links_of_people_and_caches(tmp_path: Path, target: str) -> None:
    (tmp_path / "model.bin").symlink_to(target)
    assert escape(str(tmp_path), "model.bin") is None


def test_what_is_no_link(tmp_path: Path) -> None:
    assert escape(str(tmp_path), "missing") is None
