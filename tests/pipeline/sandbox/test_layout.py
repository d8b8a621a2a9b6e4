"""Which places are mounted, and in which order."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modelward.core.errors import InputError
from modelward.pipeline.sandbox.layout import Layout, chain


def targets(layout: Layout) -> list[tuple[str, str]]:
    return [(mount.target, mount.access) for mount in layout.mounts]


def test_chain_follows_links_as_the_kernel_does(tmp_path: Path) -> None:
    (tmp_path / "real" / "deep").mkdir(parents=True)
    os.symlink("real/deep", tmp_path / "short")
    os.symlink(tmp_path / "short", tmp_path / "twice")
    links, end = chain(tmp_path / "twice" / ".." / "x")
    assert end == str(tmp_path / "real" / "x")
    assert links == {str(tmp_path / "twice"): str(tmp_path / "short"), str(tmp_path / "short"): "real/deep"}


def test_loop_of_links_is_refused(tmp_path: Path) -> None:
    os.symlink("b", tmp_path / "a")
    os.symlink("a", tmp_path / "b")
    with pytest.raises(InputError, match="too many symbolic links"):
        chain(tmp_path / "a")


def test_outer_places_come_first_and_inner_ones_that_they_show_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "base" / "lib").mkdir(parents=True)
    layout = Layout(str(tmp_path))
    layout.read(tmp_path / "base" / "lib", "base")
    layout.read(tmp_path / "base", "base")
    assert targets(layout) == [(str(tmp_path / "base"), "read")]


def test_input_within_a_writable_place_stays_read_only(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("x")
    layout = Layout(str(tmp_path))
    layout.read(tmp_path / "data.csv", "input:data")
    layout.write("/scratch", str(tmp_path), "output:0")
    assert targets(layout) == [(str(tmp_path), "write"), (str(tmp_path / "data.csv"), "read")]
    assert layout.own_names(str(tmp_path)) == {"data.csv"}


def test_covered_place_is_empty_but_for_what_is_declared(tmp_path: Path) -> None:
    (tmp_path / "prefix" / "project").mkdir(parents=True)
    (tmp_path / "prefix" / "project" / "data").write_text("x")
    layout = Layout("/")
    layout.read(tmp_path / "prefix", "base")
    layout.read(tmp_path / "prefix" / "project" / "data", "input:data")
    layout.cover(str(tmp_path / "prefix" / "project"))
    assert [access for _, access in targets(layout)] == ["read", "empty", "read"]


def test_place_that_nothing_shows_needs_no_cover() -> None:
    layout = Layout("/")
    layout.cover("/somewhere")
    assert targets(layout) == []


def test_links_are_made_where_no_place_shows_them(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_text("x")
    os.symlink("file", tmp_path / "a" / "inner")
    os.symlink("a/file", tmp_path / "outer")
    layout = Layout("/")
    layout.read(tmp_path / "a", "base")
    layout.read(tmp_path / "a" / "inner", "code")
    layout.read(tmp_path / "outer", "code")
    assert layout.own_links == {str(tmp_path / "outer"): "a/file"}


def test_place_that_is_not_there_is_left_out(tmp_path: Path) -> None:
    layout = Layout("/")
    layout.read(tmp_path / "gone", "code")
    assert targets(layout) == []
