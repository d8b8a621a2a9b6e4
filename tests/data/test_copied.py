"""Shards that have not changed are copied from the former index, which then is as if all were read."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from modelward.core.errors import InputError
from modelward.data import copied, lots
from modelward.data.index import Index, Options
from modelward.data.index_file import open_index
from modelward.data.snapshot import take

Rows = list[dict[str, Any]]


@pytest.fixture
def tree(files: Any, rows: Rows, tmp_path: Path) -> Path:
    for number in range(4):
        files.write(f"tree/{number}.jsonl", [{**row, "shard": number} for row in rows])
    files.write("tree/empty.parquet", [{"id": "x", "shard": 1.5}])
    pq.write_table(pa.table({"id": pa.array([], pa.string())}), tmp_path / "tree" / "none.parquet")
    return tmp_path / "tree"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The parts that were read as rows."""
    names: list[str] = []
    before = lots._Digesting.lot

    def lot(self: Any, progress: Any) -> lots.Lot:
        names.append(self._piece.part.name)
        return before(self, progress)

    monkeypatch.setattr(lots._Digesting, "lot", lot)
    return names


OPTIONS = Options(contributor=("id",), label=("label",))


def recorded(tree: Path, place: Path) -> Index:
    take(tree, "d", OPTIONS).write(place)
    return open_index(place)


def test_only_what_changed_is_read(
    tree: Path, files: Any, rows: Rows, tmp_path: Path, parsed: list[str]
) -> None:
    former = recorded(tree, tmp_path / "i.parquet")
    parsed.clear()
    files.write("tree/2.jsonl", [{**row, "shard": 9} for row in rows[:5]])
    files.write("tree/9.jsonl", rows)
    (tree / "0.jsonl").unlink()
    again = take(tree, "d", OPTIONS, former=former)
    assert parsed == ["2.jsonl", "9.jsonl"]
    assert again.digest == take(tree, "d", OPTIONS).digest


def test_a_file_that_has_not_changed_is_not_parsed(
    files: Any, rows: Rows, tmp_path: Path, parsed: list[str]
) -> None:
    path = files.write("x.csv", rows)
    take(path, "d", OPTIONS).write(tmp_path / "i.parquet")
    parsed.clear()
    again = take(path, "d", OPTIONS, former=open_index(tmp_path / "i.parquet"))
    assert parsed == []
    assert again.digest == take(path, "d", OPTIONS).digest


@pytest.mark.parametrize("options", [Options(), Options(contributor=("id",), label=("text",))])
def test_rows_read_otherwise_are_read_again(
    tree: Path, tmp_path: Path, parsed: list[str], options: Options
) -> None:
    former = recorded(tree, tmp_path / "i.parquet")
    parsed.clear()
    take(tree, "d", options, former=former)
    assert len(parsed) == 6


def test_columns_forget_the_types_of_shards_that_are_gone(tree: Path, tmp_path: Path) -> None:
    former = recorded(tree, tmp_path / "i.parquet")
    assert dict(former.columns)["shard"] == "double | int64"
    (tree / "empty.parquet").unlink()
    assert dict(take(tree, "d", OPTIONS, former=former).columns)["shard"] == "int64"


@pytest.mark.parametrize("column", ["row", "cell:text", "contributor:id"])
def test_damaged_lines_of_a_former_index_are_not_copied(tree: Path, tmp_path: Path, column: str) -> None:
    """Rows are checked from their cells, shards from their rows; labels only by the digest of the file."""
    recorded(tree, tmp_path / "i.parquet").close()
    table, metadata = pq.read_table(tmp_path / "i.parquet"), pq.read_metadata(tmp_path / "i.parquet").metadata
    values = table[column].to_pylist()
    values[0], values[1] = values[1], values[0]
    at = table.schema.get_field_index(column)
    table = table.set_column(at, table.schema.field(at), pa.array(values, table.schema.field(at).type))
    with pq.ParquetWriter(tmp_path / "bad.parquet", table.schema) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({key: value for key, value in metadata.items() if b"." in key})
    former = open_index(tmp_path / "bad.parquet")
    if column.startswith("contributor"):
        assert take(tree, "d", OPTIONS, former=former).rows_root == former.rows_root
        return
    with pytest.raises(InputError, match="damaged"):
        take(tree, "d", OPTIONS, former=former)


def test_rows_and_cells_swapped_together_are_not_copied(tree: Path, tmp_path: Path) -> None:
    recorded(tree, tmp_path / "i.parquet").close()
    table, metadata = pq.read_table(tmp_path / "i.parquet"), pq.read_metadata(tmp_path / "i.parquet").metadata
    for at, field in enumerate(table.schema):
        if field.name == "row" or field.name.startswith("cell:"):
            values = table[field.name].to_pylist()
            values[0], values[1] = values[1], values[0]
            table = table.set_column(at, field, pa.array(values, field.type))
    with pq.ParquetWriter(tmp_path / "bad.parquet", table.schema) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({key: value for key, value in metadata.items() if b"." in key})
    with pytest.raises(InputError, match=r"former index's lines of '0\.jsonl'"):
        take(tree, "d", OPTIONS, former=open_index(tmp_path / "bad.parquet"))


def test_another_dataset_is_no_former_one(tree: Path, files: Any, rows: Rows, tmp_path: Path) -> None:
    former = recorded(tree, tmp_path / "i.parquet")
    shutil.rmtree(tree)
    files.write("tree/1.csv", rows)
    assert take(tree, "d", OPTIONS, former=former).digest == take(tree, "d", OPTIONS).digest
    assert copied.Former.of(None, OPTIONS) is None
