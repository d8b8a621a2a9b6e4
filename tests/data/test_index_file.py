"""An index read from a file is checked against itself."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelward.core.errors import InputError, LimitExceeded, ModelwardError
from modelward.data.index import Index, Options
from modelward.data.index_file import read_index
from modelward.data.readers.parquet import INDEX_MARK
from modelward.data.snapshot import take

Rows = list[dict[str, Any]]


@pytest.fixture
def written(files: Any, rows: Rows, tmp_path: Path) -> tuple[Index, Path]:
    index = take(files.write("x.csv", rows), "sms", Options(types={"id": "int64"}, contributor=("label",)))
    path = tmp_path / "x.index.parquet"
    index.write(path)
    return index, path


def rewritten(path: Path, table: pa.Table | None = None, **facts: Any) -> None:
    """The index with another table or other facts, its metadata otherwise as it was."""
    old = pq.read_table(path)
    said = json.loads(old.schema.metadata[INDEX_MARK]) | facts
    table = old if table is None else table
    pq.write_table(table.replace_schema_metadata({INDEX_MARK: json.dumps(said).encode()}), path)


def test_an_index_comes_back_from_its_file(written: tuple[Index, Path]) -> None:
    index, path = written
    again = read_index(path)
    assert again == index
    assert again.table.equals(index.table)
    assert again.digest == index.digest
    assert again.predicate() | {"createdAt": ""} == index.predicate() | {"createdAt": ""}


@pytest.mark.parametrize("column", ["row", "cell:text", "position", "shard"])
def test_a_tampered_column_is_noticed(written: tuple[Index, Path], column: str) -> None:
    _, path = written
    table = pq.read_table(path)
    values = table[column].to_pylist()
    values[3] = bytes(32) if isinstance(values[3], bytes) else 7
    at = table.schema.get_field_index(column)
    rewritten(
        path, table.set_column(at, table.schema.field(at), pa.array(values, table.schema.field(at).type))
    )
    with pytest.raises(InputError, match="damaged"):
        read_index(path)


def test_a_row_left_out_is_noticed(written: tuple[Index, Path]) -> None:
    index, path = written
    shard = {"path": "x.csv", "digest": str(index.subject), "rows": 11, "root": str(index.rows_root)}
    table = pq.read_table(path).slice(0, 11)
    rewritten(path, table)
    with pytest.raises(InputError, match="metadata denies"):
        read_index(path)
    rewritten(path, table, shards=[shard])
    with pytest.raises(InputError, match="not over its rows"):
        read_index(path)


@pytest.mark.parametrize(
    "facts",
    [
        {"rows_root": "sha256:" + "0" * 64},
        {"set_root": "sha256:" + "0" * 64},
        {"subject": "sha256:xyz"},
        {"encoding": "modelward-rows/0"},
        {"columns": [["text", "string"]]},
        {"types": {"id": 1}},
        {"surprise": 1},
        {"shards": [{"path": "x.csv", "digest": "", "rows": -1, "root": ""}]},
    ],
)
def test_false_metadata_is_refused(written: tuple[Index, Path], facts: dict[str, Any]) -> None:
    _, path = written
    rewritten(path, **facts)
    with pytest.raises(InputError) as caught:
        read_index(path)
    assert caught.value.where == str(path)


def test_other_files_are_no_indexes(tmp_path: Path, files: Any, rows: Rows) -> None:
    for path in (files.write("x.parquet", rows), files.write("x.csv", rows), tmp_path / "missing", tmp_path):
        with pytest.raises(InputError):
            read_index(path)


def test_an_index_of_impossible_size_is_refused(
    written: tuple[Index, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modelward.data.index_file.MAX_TABLE_BYTES", 100)
    with pytest.raises(LimitExceeded):
        read_index(written[1])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.data())
def test_damaged_index_raises_nothing_but_our_errors(
    written: tuple[Index, Path], tmp_path: Path, data: st.DataObject
) -> None:
    content = bytearray(written[1].read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    damaged = tmp_path / "damaged.parquet"
    damaged.write_bytes(content)
    with contextlib.suppress(ModelwardError):
        assert read_index(damaged).rows_root == written[0].rows_root
