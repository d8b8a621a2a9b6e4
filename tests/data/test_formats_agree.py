"""The same rows have the same digests, whatever the file they lie in."""

from __future__ import annotations

import csv
import gzip
import json
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import datasets
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.data.readers.reading import tar

from modelward.data.index import Index, Options
from modelward.data.snapshot import take

datasets.disable_progress_bars()
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


def write_all(here: Path, table: pa.Table) -> list[Path]:
    """The rows of a table as every format that can hold them, by the libraries that people use."""
    rows = table.to_pylist()
    as_json = json.dumps(rows)
    (here / "x.json").write_text(as_json)
    (here / "x.json.gz").write_bytes(gzip.compress(as_json.encode()))
    (here / "x.jsonl.zst").write_bytes(zstandard.compress(write_jsonl(here / "x.jsonl", table).read_bytes()))
    return [here / "x.json", here / "x.json.gz", here / "x.jsonl.zst", *write_binary(here, table)]


def write_binary(here: Path, table: pa.Table) -> list[Path]:
    """The formats that hold every value of Arrow."""
    feather.write_feather(table, here / "x.feather", compression="zstd", chunksize=2)
    with pa.ipc.new_stream(here / "x.arrow", table.schema) as stream:
        stream.write_table(table, max_chunksize=3)
    pl.from_arrow(table).write_ipc(here / "polars.arrow")
    pl.from_arrow(table).write_parquet(here / "polars.parquet")
    table.to_pandas(types_mapper=pd.ArrowDtype).to_parquet(here / "pandas.parquet")
    datasets.Dataset(table).save_to_disk(here / "saved", num_shards=min(2, len(table)))
    return [
        here / name
        for name in ("x.feather", "x.arrow", "polars.arrow", "polars.parquet", "pandas.parquet", "saved")
    ]


@settings(deadline=None, max_examples=25)
@given(tables(TYPED))
def test_every_format_agrees(table: pa.Table) -> None:
    with tempfile.TemporaryDirectory() as directory:
        here = Path(directory)
        pq.write_table(table, here / "rows.parquet")
        expected = roots(take(here / "rows.parquet", "d"))
        for path in write_all(here, table):
            assert roots(take(path, "d")) == expected, path.name


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.floats() | st.none() | st.sampled_from([-0.0, 0.0, float("nan"), -float("nan")]),
        min_size=1,
        max_size=6,
    )
)
def test_no_number_and_signed_zeros_agree(numbers: list[float | None]) -> None:
    table = pa.table({"x": pa.array(numbers, pa.float64()), "y": ["a"] * len(numbers)})
    with tempfile.TemporaryDirectory() as directory:
        here = Path(directory)
        expected = roots(take(write_csv(here / "rows.csv", table), "d", Options(types={"x": "double"})))
        for path in write_binary(here, table):
            assert roots(take(path, "d")) == expected, path.name


turn = st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant"]), "content": st.none() | text})
chat = st.lists(turn, max_size=3)


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.fixed_dictionaries({"prompt": text, "chosen": st.none() | chat, "rejected": chat}),
        min_size=1,
        max_size=4,
    )
)
def test_chats_and_preferences_agree(rows: list[dict[str, Any]]) -> None:
    message = pa.struct([("role", pa.string()), ("content", pa.string())])
    schema = pa.schema({"prompt": pa.string(), "chosen": pa.list_(message), "rejected": pa.list_(message)})
    table = pa.Table.from_pylist(rows, schema)
    with tempfile.TemporaryDirectory() as directory:
        here = Path(directory)
        pq.write_table(table, here / "rows.parquet")
        expected = roots(take(here / "rows.parquet", "d"))[:2]
        for path in write_all(here, table):
            assert roots(take(path, "d"))[:2] == expected, path.name
        (here / "sparse.json").write_text(
            json.dumps(
                [
                    {
                        name: [
                            {key: said for key, said in part.items() if said is not None} for part in value
                        ]
                        if isinstance(value, list)
                        else value
                        for name, value in row.items()
                        if value is not None
                    }
                    for row in rows
                ]
            )
        )
        assert roots(take(here / "sparse.json", "d"))[:2] == expected


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(text, st.integers(-(10**17), 10**17), st.binary(max_size=9), chat), min_size=1, max_size=4
    )
)
def test_an_archive_agrees_with_a_table(samples: list[tuple[str, int, bytes, list[dict[str, Any]]]]) -> None:
    members: dict[str, Any] = {}
    rows = []
    for number, (caption, label, image, said) in enumerate(samples):
        key = f"in/{number:04}"
        content = {
            "txt": caption.encode(),
            "cls": b"%d" % label,
            "png": image,
            "json": json.dumps(said).encode(),
        }
        members |= {f"{key}.{extension}": data for extension, data in content.items()}
        rows.append({"__key__": key, "txt": caption, "cls": label, "png": image, "json": said})
    with tempfile.TemporaryDirectory() as directory:
        here = Path(directory)
        pq.write_table(pa.Table.from_pylist(rows), here / "rows.parquet")
        packed = tar(here / "x.tar", members)
        (here / "x.tar.gz").write_bytes(gzip.compress(packed.read_bytes()))
        expected = roots(take(here / "rows.parquet", "d"))[:2]
        assert roots(take(packed, "d"))[:2] == roots(take(here / "x.tar.gz", "d"))[:2] == expected


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=9), min_size=1, max_size=6
    )
)
def test_lines_of_text_agree_with_a_table(lines: list[str]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        here = Path(directory)
        (here / "x.txt").write_bytes("".join(f"{line}\n" for line in ["first", *lines]).encode())
        pq.write_table(pa.table({"text": ["first", *lines]}), here / "x.parquet")
        assert roots(take(here / "x.txt", "d")) == roots(take(here / "x.parquet", "d"))


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
