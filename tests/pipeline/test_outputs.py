"""Outputs: vacant before, whole after, nothing lost when the command cannot start."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelward.core.errors import InputError, Rejected, UsageError
from modelward.pipeline.outputs import product, remove, vacated


def test_parent_directories_are_made(tmp_path: Path) -> None:
    with vacated({"m": tmp_path / "a" / "b" / "m"}, overwrite=False, suffix="x"):
        assert (tmp_path / "a" / "b").is_dir()


def test_file_that_is_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m").write_text("")
    with pytest.raises(UsageError), vacated({"m": tmp_path / "m"}, overwrite=False, suffix="x"):
        pytest.fail("it was let in")


def test_all_are_looked_at_before_any_is_moved(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    with (
        pytest.raises(UsageError),
        vacated({"a": tmp_path / "a", "b": tmp_path / "b"}, overwrite=False, suffix="x"),
    ):
        pytest.fail("it was let in")
    assert (tmp_path / "a").read_text() == "a"


def test_put_back_when_the_command_cannot_start(tmp_path: Path) -> None:
    (tmp_path / "m").write_text("old")

    def start() -> None:
        with vacated({"m": tmp_path / "m"}, overwrite=True, suffix="x"):
            assert not (tmp_path / "m").exists()
            raise InputError("no such command")

    with pytest.raises(InputError, match="no such command"):
        start()
    assert (tmp_path / "m").read_text() == "old"


def test_nothing_is_no_product(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("empty", "absent"):
        with pytest.raises(Rejected, match=f"made no output {name}"):
            product(name, tmp_path / name)


def test_directory_of_empty_directories_is_no_product(tmp_path: Path) -> None:
    (tmp_path / "m" / "inner").mkdir(parents=True)
    with pytest.raises(InputError, match="no file"):
        product("m", tmp_path / "m")


def test_remove_takes_links_not_what_they_point_to(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    remove(tmp_path / "link")
    assert (tmp_path / "target").is_dir()
    remove(tmp_path / "target")
    assert not (tmp_path / "target").exists()
