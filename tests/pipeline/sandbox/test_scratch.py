"""Outputs are made in directories of their own, and what is beside them does not stay."""

from __future__ import annotations

import os
from pathlib import Path

from modelward.pipeline.sandbox.scratch import scratch


def test_output_that_is_not_there_is_made_in_a_stand_in_for_its_parent(tmp_path: Path) -> None:
    with scratch({"a": tmp_path / "a", "b": tmp_path / "b"}) as places:
        assert list(places.mounts) == [str(tmp_path)]
        (stand_in,) = places.mounts.values()
        assert places.outputs == {"a": stand_in / "a", "b": stand_in / "b"}
        assert stand_in.stat().st_dev == tmp_path.stat().st_dev
        assert stand_in.parent.stat().st_mode & 0o777 == 0o700
        for name in ("a", "log", "own"):
            (stand_in / name).write_text("x")
        assert places.strangers({str(tmp_path): {"own"}}) == (str(tmp_path / "log"),)
    assert os.listdir(tmp_path) == []


def test_empty_directory_is_stood_in_for_itself(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    with scratch({"model": tmp_path / "model"}) as places:
        assert list(places.mounts) == [str(tmp_path / "model")]
        (places.outputs["model"] / "weights").write_text("w")
        assert places.strangers({}) == ()


def test_unreadable_leftovers_are_removed_too(tmp_path: Path) -> None:
    with scratch({"a": tmp_path / "a"}) as places:
        locked = places.private / "locked"
        (locked / "inner").mkdir(parents=True)
        locked.chmod(0)
    assert not places.private.parent.exists()


def test_what_was_taken_away_stays(tmp_path: Path) -> None:
    with scratch({"a": tmp_path / "a"}) as places:
        places.outputs["a"].write_text("made")
        places.outputs["a"].rename(tmp_path / "a")
    assert (tmp_path / "a").read_text() == "made"
