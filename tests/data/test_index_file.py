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

from modelward.core.errors import InputError, ModelwardError
from modelward.data.index import Index, Options
from modelward.data.index_file import open_index, read_index
from modelward.data.index_writer import FACTS_MARK, SET_MARK, SMALLEST_MARK
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
    marks = {key: value for key, value in pq.read_metadata(path).metadata.items() if b"." in key}
    said = json.loads(marks[FACTS_MARK]) | facts
    with pq.ParquetWriter(path, old.schema) as writer:
        writer.write_table(old if table is None else table)
        writer.add_key_value_metadata(marks | {FACTS_MARK: json.dumps(said).encode()})


def test_an_index_comes_back_from_its_file(written: tuple[Index, Path]) -> None:
    index, path = written
    again = read_index(path)
    assert again == index
    for one, other in zip(
        again.batches(again.table.schema.names), index.batches(again.table.schema.names), strict=True
    ):
        assert one.equals(other)
    assert again.digest == index.digest
    assert again.predicate() | {"createdAt": ""} == index.predicate() | {"createdAt": ""}


@pytest.mark.parametrize(
    "column", ["row", "cell:text", "position", "shard", "set:row", "set:count", "set:first"]
)
def test_a_tampered_column_is_noticed(written: tuple[Index, Path], column: str) -> None:
    _, path = written
    table = pq.read_table(path)
    values = table[column].to_pylist()
    values[3] = bytes(32) if isinstance(values[3], bytes) else 7
    at = table.schema.get_field_index(column)
    rewritten(
        path, table.set_column(at, table.schema.field(at), pa.array(values, table.schema.field(at).type))
    )
    with pytest.raises(InputError, match=r"damaged|not that of its rows"):
        read_index(path)


def test_a_row_left_out_is_noticed(written: tuple[Index, Path]) -> None:
    index, path = written
    shard = {
        "path": "x.csv",
        "digest": str(index.subject),
        "rows": 11,
        "root": str(index.rows_root),
        "columns": 0,
    }
    table = pq.read_table(path).slice(0, 11)
    rewritten(path, table)
    with pytest.raises(InputError, match="metadata denies"):
        read_index(path)
    rewritten(path, table, shards=[shard], distinct=11)
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
        {"shards": [{"path": "x.csv", "digest": "", "rows": -1, "root": "", "columns": 0}]},
        {"distinct": 11},
        {"format": 1},
        {"format": None},
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


def test_a_set_of_other_rows_is_noticed(written: tuple[Index, Path], files: Any, rows: Rows) -> None:
    """Both roots hold, but of two datasets: the index would prove that a row is absent which is there."""
    _, path = written
    other = take(
        files.write("y.csv", [*rows[:-1], {**rows[-1], "id": "99"}]),
        "sms",
        Options(types={"id": "int64"}, contributor=("label",)),
    )
    there, mine = pq.read_table(other.table.path), pq.read_table(path)
    for name in ("set:row", "set:count", "set:first"):
        mine = mine.set_column(mine.schema.get_field_index(name), mine.schema.field(name), there[name])
    marks, old = pq.read_metadata(other.table.path).metadata, pq.read_metadata(path).metadata
    with pq.ParquetWriter(path, mine.schema) as writer:
        facts = json.loads(old[FACTS_MARK]) | {"set_root": str(other.set_root)}
        writer.write_table(mine)
        writer.add_key_value_metadata(
            {
                **{key: value for key, value in old.items() if b"." in key},
                FACTS_MARK: json.dumps(facts).encode(),
            }
            | {mark: marks[mark] for mark in (SET_MARK, SMALLEST_MARK)}
        )
    open_index(path).close()
    with pytest.raises(InputError, match="not that of its rows"):
        read_index(path)


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
