from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modelward.core.errors import InputError
from modelward.data import lots, places
from modelward.data.lots import Lot, Spill, Work, digest_piece
from modelward.data.options import Options
from modelward.data.pieces import Piece
from modelward.data.runs import digests_of
from modelward.data.snapshot import take


def lot_of(path: Path, work: Work) -> Lot:
    dataset = places.find(path)
    found = digest_piece(Piece(dataset, dataset.parts[0], 0), work)
    assert isinstance(found, Lot)
    return found


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    (tmp_path / "scratch").mkdir()
    (tmp_path / "scratch" / "token").write_bytes(b"here")
    return tmp_path / "scratch"


def test_a_lot_has_the_lines_of_the_index(files: Any, rows: Any) -> None:
    path = files.write("x.jsonl", [*rows, {"id": "12", "other": 1}])
    options = Options(contributor=("id",), label=("label",))
    index, lot = take(path, "d", options), lot_of(path, Work(options))
    (batch,) = lot.batches()
    (whole,) = index.batches(["row", "contributor:id", "label:label", "cell:other"])
    for name in whole.schema.names:
        assert batch.column(name).equals(whole.column(name))
    assert (lot.rows, lot.digest) == (13, index.subject)
    (records,) = lot.source(100)(1000)
    assert sorted(line.tobytes() for line in digests_of(records)) == [row for row, _ in index.pairs()]
    assert sorted(records["first"].tolist()) == list(range(100, 113))


def test_what_is_large_goes_to_the_scratch_directory(
    files: Any, rows: Any, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = files.write("x.csv", rows)
    small = lot_of(path, Work(scratch=scratch, token=b"here"))
    monkeypatch.setattr(lots, "SMALL_BYTES", 10)
    large = lot_of(path, Work(scratch=scratch, token=b"here"))
    assert isinstance(large.lines, Path)
    assert isinstance(large.run, Path)
    assert (large.lines.read_bytes(), large.run.read_bytes()) == (small.lines, small.run)
    assert [one.to_pydict() for one in large.batches()] == [one.to_pydict() for one in small.batches()]
    large.discard()
    assert [place.name for place in scratch.iterdir()] == ["token"]


def test_a_worker_that_does_not_see_the_directory_sends_bytes(
    files: Any, rows: Any, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory of the same name on another machine is not it."""
    monkeypatch.setattr(lots, "SMALL_BYTES", 10)
    path = files.write("x.csv", rows)
    for work in (Work(scratch=scratch, token=b"there"), Work(scratch=scratch / "no", token=b"here"), Work()):
        assert isinstance(lot_of(path, work).lines, bytes)
    assert [place.name for place in scratch.iterdir()] == ["token"]
    assert Spill(Work()).finish() == b""


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ('{"a": 1}\n{"a": "x"}\n', "x.jsonl: row 2"),
        ('{"a": "\\ud800"}\n', "x.jsonl: row 1"),
    ],
)
def test_bad_values_are_named_by_row(tmp_path: Path, content: str, where: str) -> None:
    (tmp_path / "x.jsonl").write_text(content)
    with pytest.raises(InputError) as caught:
        lot_of(tmp_path / "x.jsonl", Work())
    assert caught.value.where == where


def test_wide_rows_are_digested_a_few_at_a_time(
    files: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of columns, each null but once: what is small in the file is large once it is digested."""
    empty = dict.fromkeys(f"c{number}" for number in range(30))
    rows = [{**empty, f"c{at % 30}": at, "same": "x"} for at in range(90)]
    paths = [files.write(f"x.{suffix}", rows) for suffix in ("jsonl", "parquet")]
    whole = [take(path, "d") for path in paths]
    monkeypatch.setattr(lots, "MAX_CELLS", 100)
    for path, index in zip(paths, whole, strict=True):
        assert len(list(lot_of(path, Work()).batches())) == 30
        assert take(path, "d").digest == index.digest
    assert whole[0].rows_root == whole[1].rows_root
