"""Frames of the real libraries, as files: the same rows give the same digests through each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from modelward.core.errors import InputError, UsageError
from modelward.data import frames
from modelward.data.snapshot import take

ROWS = [
    {"text": "hello", "n": 1, "score": 0.5, "tags": ["a", "b"]},
    {"text": "naïve\n", "n": -2, "score": None, "tags": []},
    {"text": None, "n": 3, "score": 2.0, "tags": ["c"]},
]


@pytest.fixture(autouse=True)
def untracked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Daft reports its import to its makers unless told not to."""
    monkeypatch.setenv("DO_NOT_TRACK", "1")


def every_frame() -> dict[str, Any]:
    import daft
    import datasets
    import pandas
    import polars

    table = pa.Table.from_pylist(ROWS)
    return {
        "pandas": pandas.DataFrame(ROWS),
        "pandas with a strange index": pandas.DataFrame(ROWS, index=["x", "y", "z"]),
        "polars": polars.DataFrame(ROWS),
        "polars, lazy": polars.DataFrame(ROWS).lazy(),
        "datasets": datasets.Dataset.from_list([*ROWS, ROWS[0]]).select(range(3)),
        "daft": daft.from_pylist(ROWS),
        "arrow": table,
        "arrow batch": table.to_batches()[0],
    }


def test_the_same_rows_have_the_same_roots_through_every_library(tmp_path: Path) -> None:
    roots = {}
    for name, frame in every_frame().items():
        assert frames.is_frame(frame), name
        frames.write(frame, tmp_path / f"{name}.parquet")
        taken = take(tmp_path / f"{name}.parquet", "d")
        roots[name] = (taken.rows, [column.name for column in taken.columns], str(taken.rows_root))
    assert len(set(map(str, roots.values()))) == 1, roots


def test_equal_frames_give_equal_files_however_they_are_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "ROW_GROUP", 4)
    table = pa.table({"n": list(range(11))})
    cut = pa.concat_tables([table.slice(0, 1), table.slice(1, 9), table.slice(10)])
    for name, frame in (("whole", table), ("cut", cut)):
        frames.write(frame, tmp_path / f"{name}.parquet")
    assert (tmp_path / "whole.parquet").read_bytes() == (tmp_path / "cut.parquet").read_bytes()
    assert take(tmp_path / "cut.parquet", "d").rows == 11


def test_a_lazy_frame_is_computed_once() -> None:
    import polars

    calls = []

    def count(frame: Any) -> Any:
        calls.append(1)
        return frame

    lazy = polars.DataFrame(ROWS).lazy().map_batches(count)
    settled = frames.settled(lazy)
    assert isinstance(settled, polars.LazyFrame)
    assert settled.collect().height == settled.collect().height == 3
    assert len(calls) == 1


def test_an_empty_frame_keeps_its_columns(tmp_path: Path) -> None:
    import datasets
    import pandas

    empty = datasets.Dataset.from_list(ROWS).select([])
    for frame in (empty, pandas.DataFrame({"text": pandas.Series([], dtype="str")})):
        frames.write(frame, tmp_path / "e.parquet")
        taken = take(tmp_path / "e.parquet", "d")
        assert taken.rows == 0
        assert "text" in {column.name for column in taken.columns}


def test_what_is_no_frame_is_refused(tmp_path: Path) -> None:
    import pandas

    for value in (1, "text", [1], {"a": [1]}, pandas.Series([1]), pa.chunked_array([[1]]), pandas.DataFrame):
        assert not frames.is_frame(value)
    with pytest.raises(UsageError, match="int is no frame"):
        frames.write(1, tmp_path / "x.parquet")


def test_what_can_be_read_only_once_is_left_to_the_code(tmp_path: Path) -> None:
    import datasets

    reader = pa.table({"a": [1]}).to_reader()
    for frame in (reader, datasets.Dataset.from_list(ROWS).to_iterable_dataset()):
        with pytest.raises(UsageError, match="read only once"):
            frames.write(frame, tmp_path / "x.parquet")
    assert reader.read_all().num_rows == 1
    assert not list(tmp_path.iterdir())


def test_values_that_arrow_cannot_hold_are_a_clear_error(tmp_path: Path) -> None:
    import pandas

    with pytest.raises(InputError, match="the frame cannot be written"):
        frames.write(pandas.DataFrame({"a": [1, "x", object()]}), tmp_path / "x.parquet")
    for columns in ([1, 2], ["a", "a"]):
        with pytest.raises(UsageError, match="columns of a frame have names"):
            frames.write(pandas.DataFrame([[1, 2]], columns=columns), tmp_path / "x.parquet")
    assert not list(tmp_path.iterdir())
