from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modelward.core.errors import InputError, UsageError
from modelward.data.index import Options, default_path
from modelward.data.snapshot import take

Rows = list[dict[str, Any]]


def test_the_same_data_gives_the_same_index(files: Any, tmp_path: Path, rows: Rows) -> None:
    path = files.write("x.csv", rows)
    one, other = take(path, "d"), take(path, "d")
    assert one.write(tmp_path / "1.parquet") == other.write(tmp_path / "2.parquet") == one.digest
    assert (tmp_path / "1.parquet").read_bytes() == (tmp_path / "2.parquet").read_bytes()


def test_the_index_of_a_directory_never_lies_inside_it(files: Any, tmp_path: Path, rows: Rows) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    files.write("tree/x.csv", rows)
    index = take(tree, "d")
    with pytest.raises(UsageError, match="outside"):
        index.write(tree / "x.index.parquet")
    assert default_path(tree) == tmp_path / "tree.index.parquet"
    index.write(default_path(tree))
    assert take(tree, "d") == index


def test_an_index_that_cannot_be_written_leaves_nothing(files: Any, tmp_path: Path, rows: Rows) -> None:
    index = take(files.write("x.csv", rows), "d")
    (tmp_path / "taken").mkdir()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(InputError, match="cannot be written"):
        index.write(tmp_path / "taken")
    assert sorted(tmp_path.iterdir()) == before


def test_the_index_lies_beside_what_it_is_about(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path / "data")
    assert default_path(Path("x.csv")) == Path("x.csv.index.parquet")
    assert default_path(Path()) == tmp_path / "data.index.parquet"


def test_a_label_named_twice_is_one_column() -> None:
    assert Options(contributor=("a", "a"), time=("a",)).labels() == [("contributor:a", "a"), ("time:a", "a")]
