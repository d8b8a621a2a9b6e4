"""The same rows have the same digests, whatever the file they lie in."""

from __future__ import annotations

import csv
import json
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelward.data.index import Index, Options
from modelward.data.snapshot import take

text = st.text(st.characters(codec="utf-8"), max_size=12)
names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=6)


def roots(index: Index) -> tuple[str, str, list[str]]:
    return str(index.rows_root), str(index.set_root), [column.name for column in index.columns]


@st.composite
def tables(draw: st.DrawFn, kinds: dict[str, st.SearchStrategy[Any]]) -> pa.Table:
    columns = draw(st.dictionaries(names, st.sampled_from(sorted(kinds)), min_size=1, max_size=4))
    count = draw(st.integers(1, 6))
    arrays = {
        name: pa.array(draw(st.lists(kinds[kind], min_size=count, max_size=count)), pa.type_for_alias(kind))
        for name, kind in columns.items()
    }
    return pa.table(arrays)


TYPED = {
    "int64": st.none() | st.integers(-(2**63), 2**63 - 1),
    "double": st.none() | st.floats(allow_nan=False, allow_infinity=False),
    "bool": st.none() | st.booleans(),
    "string": text,
}


def write_csv(path: Path, table: pa.Table) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
        writer.writerow(table.column_names)
        writer.writerows(zip(*(column.to_pylist() for column in table.columns), strict=True))
    return path


def write_jsonl(path: Path, table: pa.Table, *, nulls: bool = True) -> Path:
    rows = table.to_pylist()
    if not nulls:
        rows = [{name: value for name, value in row.items() if value is not None} for row in rows]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@settings(deadline=None, max_examples=60)
@given(tables(TYPED))
def test_csv_jsonl_and_parquet_agree(table: pa.Table) -> None:
    types = {field.name: str(field.type) for field in table.schema if field.type != pa.string()}
    with tempfile.TemporaryDirectory() as directory:
        here = Path(directory)
        pq.write_table(table, here / "rows.parquet")
        expected = roots(take(here / "rows.parquet", "d"))
        assert roots(take(write_csv(here / "rows.csv", table), "d", Options(types=types))) == expected
        assert roots(take(write_jsonl(here / "rows.jsonl", table), "d")) == expected
        sparse = take(write_jsonl(here / "sparse.jsonl", table, nulls=False), "d")
        assert roots(sparse)[:2] == expected[:2]


nested = st.recursive(
    st.sampled_from(["int64", "double", "bool", "string"]),
    lambda inner: (
        st.tuples(st.just("list"), inner)
        | st.tuples(st.just("struct"), st.dictionaries(names, inner, min_size=1, max_size=3))
    ),
    max_leaves=4,
)


def nested_values(kind: Any) -> st.SearchStrategy[Any]:
    if isinstance(kind, str):
        return TYPED[kind] | st.none()
    if kind[0] == "list":
        return st.none() | st.lists(nested_values(kind[1]), max_size=3)
    return st.none() | st.fixed_dictionaries({name: nested_values(inner) for name, inner in kind[1].items()})


def nested_type(kind: Any) -> pa.DataType:
    if isinstance(kind, str):
        return pa.type_for_alias(kind)
    if kind[0] == "list":
        return pa.list_(nested_type(kind[1]))
    return pa.struct([pa.field(name, nested_type(inner)) for name, inner in kind[1].items()])


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_nested_values_agree_between_jsonl_and_parquet(data: st.DataObject) -> None:
    kind = data.draw(nested)
    column = data.draw(st.lists(nested_values(kind), min_size=1, max_size=5))
    table = pa.table({"x": pa.array(column, nested_type(kind))})
    with tempfile.TemporaryDirectory() as directory:
        here = Path(directory)
        pq.write_table(table, here / "rows.parquet")
        assert roots(take(here / "rows.parquet", "d")) == roots(
            take(write_jsonl(here / "r.jsonl", table), "d")
        )


@pytest.mark.parametrize("numbers", [["1", "2"], ["1.0", "2.5"]])
def test_csv_cells_are_text_unless_a_type_is_named(tmp_path: Path, numbers: list[str]) -> None:
    path = tmp_path / "x.csv"
    path.write_text("x\n" + "\n".join(numbers) + "\n")
    as_text, as_number = take(path, "d"), take(path, "d", Options(types={"x": "double"}))
    pq.write_table(pa.table({"x": numbers}), tmp_path / "text.parquet")
    pq.write_table(pa.table({"x": [Decimal(n) for n in numbers]}), tmp_path / "number.parquet")
    assert roots(as_text) == roots(take(tmp_path / "text.parquet", "d"))
    if numbers[1] == "2":
        assert roots(as_number) == roots(take(tmp_path / "number.parquet", "d"))
    assert as_text.set_root != as_number.set_root
