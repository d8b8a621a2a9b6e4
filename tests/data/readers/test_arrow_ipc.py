from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.feather as feather
import pytest
from tests.data.readers.reading import ROWS, read_digests, read_rows, refusal

from modelward.core.errors import LimitExceeded
from modelward.data.readers import arrow_layout, arrow_tables

TABLE = pa.Table.from_pylist(ROWS)


def write_stream(path: Path, table: pa.Table, rows: int = 7) -> Path:
    with pa.ipc.new_stream(path, table.schema) as stream:
        stream.write_table(table, max_chunksize=rows)
    return path


def write_file(path: Path, table: pa.Table, rows: int = 7) -> Path:
    with pa.ipc.new_file(path, table.schema) as file:
        file.write_table(table, max_chunksize=rows)
    return path


def test_stream_file_and_feather_of_any_writer_agree(tmp_path: Path) -> None:
    expected = read_digests(write_stream(tmp_path / "s.arrow", TABLE))
    assert len(expected) == len(ROWS)
    frame = pl.DataFrame(ROWS)
    for codec in ("uncompressed", "zstd", "lz4"):
        feather.write_feather(TABLE, tmp_path / f"{codec}.feather", compression=codec, chunksize=5)
        frame.write_ipc(tmp_path / f"{codec}.ipc", compression=codec)
        frame.write_ipc_stream(tmp_path / f"{codec}.arrow", compression=codec)
    for path in (
        write_file(tmp_path / "f.arrow", TABLE),
        *tmp_path.glob("*.feather"),
        *tmp_path.glob("*.ipc"),
    ):
        assert read_digests(path) == expected, path.name
    encoded = TABLE.set_column(2, "text", TABLE["text"].dictionary_encode())
    assert read_digests(write_stream(tmp_path / "d.arrow", encoded)) == expected
    assert read_digests(write_file(tmp_path / "df.arrow", encoded, 50)) == expected


def test_an_empty_table_has_its_columns(tmp_path: Path) -> None:
    assert read_rows(write_file(tmp_path / "x.arrow", TABLE.slice(0, 0))) == []
    assert read_rows(write_stream(tmp_path / "y.arrow", TABLE.slice(0, 0))) == []


def test_a_file_that_is_cut_off_or_no_arrow_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.arrow"
    whole = write_file(path, TABLE).read_bytes()
    stream = write_stream(path, TABLE).read_bytes()
    for content in (b"", b"x", b"FEA1" + bytes(100), b"ARROW1", whole[:-20], whole[:200], stream[:-300]):
        path.write_bytes(content)
        assert str(refusal(path).where).startswith("x.arrow")
    path.write_bytes(stream + b"more rows")
    assert "after the end" in refusal(path).message


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    assert "'a' is there twice" in refusal(write_file(tmp_path / "x.arrow", twice)).message


def test_unions_are_refused(tmp_path: Path) -> None:
    union = pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1]), pa.array(["x"])])
    assert "no canonical form" in refusal(write_file(tmp_path / "x.arrow", pa.table({"a": union}))).message


def test_rows_of_nulls_that_need_no_bytes_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrow_layout, "MAX_BATCH_ROWS", 1000)
    path = write_file(tmp_path / "x.arrow", pa.table({"a": pa.nulls(2000)}), 5000)
    assert isinstance(refusal(path), LimitExceeded)
    monkeypatch.setattr("modelward.data.readers.shard.FREE_ROWS", 10)
    monkeypatch.setattr("modelward.data.readers.shard.ROWS_PER_BYTE", 1)
    path = write_file(tmp_path / "x.arrow", pa.table({"a": pa.nulls(20_000)}), 500)
    assert "20000 rows in a file" in refusal(path).message


def test_a_list_of_endless_nulls_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_tables, "MAX_ITEMS", 1000)
    lists = pa.FixedSizeListArray.from_arrays(pa.nulls(5000), 5000)
    error = refusal(write_file(tmp_path / "x.arrow", pa.table({"a": lists})))
    assert isinstance(error, LimitExceeded)
    assert error.where == "x.arrow: row 1"


def test_compressed_batches_that_are_bombs_are_refused_unopened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrow_layout, "MAX_BATCH_BYTES", 1 << 20)
    feather.write_feather(pa.table({"a": ["x" * 1000] * 2000}), tmp_path / "x.feather", compression="zstd")
    assert (tmp_path / "x.feather").stat().st_size < 100_000
    error = refusal(tmp_path / "x.feather")
    assert isinstance(error, LimitExceeded)
    assert "smaller batches" in str(error.help)
