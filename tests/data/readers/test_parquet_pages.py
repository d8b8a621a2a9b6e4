from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.data.readers.reading import ROWS, read_digests, read_rows, refusal

from modelward.core.errors import InputError, LimitExceeded, ModelwardError
from modelward.data.readers import parquet_pages, shard
from modelward.formats.source import BytesSource


def planned(path: Path, table: pa.Table, **options: Any) -> parquet_pages.Reading:
    pq.write_table(table, path, **options)
    metadata = pq.ParquetFile(path).metadata
    groups = range(metadata.num_row_groups)
    return parquet_pages.plan(BytesSource(path.read_bytes()), metadata, groups, 8192)


def named(count: int, size: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int32()), pa.array(["x" * size]))


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "brotli", "zstd", "lz4"])
def test_pages_of_every_writer_setting_are_walked(tmp_path: Path, version: str, codec: str) -> None:
    table = pa.Table.from_pylist(ROWS * 20)
    settings = {
        "compression": codec,
        "data_page_version": version,
        "data_page_size": 500,
        "row_group_size": 100,
    }
    assert planned(tmp_path / "x.parquet", table, **settings) == ([], 8192)
    assert len(read_digests(tmp_path / "x.parquet")) == len(table)


def test_a_long_text_that_many_rows_name_is_kept_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_pages, "MAX_TEXT_BYTES", 1 << 20)
    table = pa.table({"a": named(500, 10_000)})
    reading = planned(tmp_path / "x.parquet", table, compression="zstd", store_schema=False)
    assert reading.dictionaries == ["a"]
    assert (tmp_path / "x.parquet").stat().st_size < 1000
    lists = pa.table({"a": pa.array([["y" * 10_000] * 9] * 100)})
    assert planned(tmp_path / "y.parquet", lists).dictionaries == ["a.list.element"]
    assert planned(tmp_path / "z.parquet", pa.table({"a": named(8000, 100)})).dictionaries == []


def test_what_is_kept_once_has_the_same_digests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "x.parquet")
    expected = read_digests(tmp_path / "x.parquet")
    monkeypatch.setattr(parquet_pages, "MAX_TEXT_BYTES", 0)
    assert read_digests(tmp_path / "x.parquet") == expected


def test_a_row_that_is_a_bomb_is_refused(tmp_path: Path) -> None:
    lists = pa.ListArray.from_arrays(pa.array([0, 500], pa.int32()), named(500, 1 << 20))
    pq.write_table(pa.table({"a": lists}), tmp_path / "x.parquet", compression="zstd", store_schema=False)
    error = refusal(tmp_path / "x.parquet")
    assert isinstance(error, LimitExceeded)
    assert error.where == "x.parquet: row 1"


def test_rows_that_are_a_bomb_together_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pq.write_table(pa.table({"a": named(50, 1 << 20)}), tmp_path / "x.parquet", store_schema=False)
    assert len(read_rows(tmp_path / "x.parquet")) == 50
    monkeypatch.setattr(shard, "FREE_BYTES", 10 << 20)
    monkeypatch.setattr(shard, "MAX_RATIO", 10)
    error = refusal(tmp_path / "x.parquet")
    assert isinstance(error, LimitExceeded)
    assert "10 times" in error.message


def test_texts_that_share_their_beginnings_without_bound_are_refused(tmp_path: Path) -> None:
    table = pa.table({"a": ["x" * (3 << 20)] * 3})
    with pytest.raises(LimitExceeded, match="share what they hold"):
        planned(
            tmp_path / "x.parquet", table, use_dictionary=False, column_encoding={"a": "DELTA_BYTE_ARRAY"}
        )
    small = pa.table({"a": [f"text {number}" for number in range(5000)]})
    planned(tmp_path / "x.parquet", small, use_dictionary=False, column_encoding={"a": "DELTA_BYTE_ARRAY"})
    assert len(read_rows(tmp_path / "x.parquet")) == 5000


def test_large_pages_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_pages, "MAX_PAGE_BYTES", 1000)
    with pytest.raises(LimitExceeded, match="page unpacks"):
        planned(tmp_path / "x.parquet", pa.table({"a": list(range(1000))}))


@given(st.binary(max_size=200))
def test_headers_of_any_bytes_end_in_our_errors(data: bytes) -> None:
    try:
        parquet_pages._page(BytesSource(data), 0)
    except ModelwardError as error:
        assert isinstance(error, InputError)  # noqa: PT017
