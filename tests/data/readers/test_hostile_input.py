"""Bad input is refused with its file and row."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelward.core.errors import InputError, LimitExceeded, ModelwardError, UsageError
from modelward.data.arrow import shape
from modelward.data.index import Options
from modelward.data.readers import shard
from modelward.data.snapshot import take


def refused(path: Path, content: bytes, options: Options | None = None) -> InputError:
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        take(path, "d", options)
    assert caught.value.where is not None
    assert caught.value.where.startswith(path.name)
    return caught.value


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        (b"a,b\n1,2\n1,2,3\n", "line 3, row 2", "3 cells, the header 2"),
        (b"a,b\n1\n", "line 2, row 1", "1 cells"),
        (b"a,b\n1,2\n1,\xff\n", "line 3", "not UTF-8"),
        (b"a,b,a\n1,2,3\n", "line 1", "'a' twice"),
        (b"", "line 1", "empty"),
        (b"\n\n", "line 1", "empty"),
        (b'a,b\n1,"2\n', "line 2", "not valid CSV"),
        (b'a,b\n1,"2"x\n', "line 2", "not valid CSV"),
        (b"a,b\r1,2\r", "line 1", "not valid CSV"),
        ("a,b\n1,2\n".encode("utf-16"), "line 1", "not UTF-8"),
    ],
)
def test_bad_csv_is_refused_at_its_line(tmp_path: Path, content: bytes, place: str, message: str) -> None:
    error = refused(tmp_path / "x.csv", content)
    assert place in str(error.where)
    assert message in error.message


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        (b'{"a": 1}\n{"a": 1,}\n', "line 2", "not valid JSON"),
        (b'{"a": 1, "a": 2}\n', "line 1", "key 'a' is there twice"),
        (b'{"a": {"b": 1, "b": 2}}\n', "line 1", "key 'b' is there twice"),
        (b'{"a": 1}\n\n{"a": "x"}\n', "row 2", "mixes kinds"),
        (b'{"a": true}\n{"a": 1}\n', "row 2", "mixes kinds"),
        (b'{"a": [1, "x"]}\n', "row 1", "mixes kinds"),
        (b'{"a": {"b": 1}}\n{"a": {"b": [1]}}\n', "row 2", "mixes kinds"),
        (b'{"a": NaN}\n', "line 1", "NaN"),
        (b'{"a": 1e999}\n', "line 1", "out of range"),
        (b'{"a": "\\ud800"}\n', "row 1", "surrogate"),
        (b'{"\\ud800": 1}\n', "", "not Unicode"),
        (b"[1, 2]\n", "line 1", "not an object"),
        (b'{"a": "\xff"}\n', "line 1", "not UTF-8"),
        (b'{"a": ' + b"[" * 70 + b"]" * 70 + b"}\n", "row 1", "nests deeper"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "line 1", "too deep"),
        (b'{"a": ' + b"9" * 10_000 + b"}\n", "line 1", "not valid JSON"),
        (b'{"' + b"a" * 2000 + b'": 1}\n', "", "too long"),
    ],
)
def test_bad_jsonl_is_refused_at_its_line(tmp_path: Path, content: bytes, place: str, message: str) -> None:
    error = refused(tmp_path / "x.jsonl", content)
    assert place in str(error.where)
    assert message in error.message


def test_mixed_kinds_are_noticed_across_batches(tmp_path: Path) -> None:
    lines = [b'{"a": 1}\n'] * (shard.BATCH_ROWS + 5) + [b'{"a": "x"}\n']
    error = refused(tmp_path / "x.jsonl", b"".join(lines))
    assert f"row {shard.BATCH_ROWS + 6}" in str(error.where)


def test_a_value_that_is_not_of_the_named_type_is_refused(tmp_path: Path) -> None:
    for kind, bad in (
        ("int64", "1.5"),
        ("int64", "9223372036854775808"),
        ("int64", "1_000"),
        ("int64", "٣"),
        ("double", "0x1"),
        ("double", " 1"),
        ("bool", "yes"),
    ):
        error = refused(tmp_path / "x.csv", f"a,b\n,x\n{bad},x\n".encode(), Options(types={"a": kind}))
        assert "row 2" in str(error.where)
        assert f"not {kind}" in error.message


def test_huge_rows_are_refused_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("shard", "delimited"):
        monkeypatch.setattr(f"modelward.data.readers.{module}.MAX_ROW_BYTES", 1000)
    for name, content in (
        ("x.csv", b"a\n" + b"x" * 2000 + b"\n"),
        ("x.csv", b'a\n"' + b"x\n" * 2000 + b'"\n'),
        ("x.jsonl", b'{"a": "' + b"x" * 2000 + b'"}\n'),
    ):
        assert isinstance(refused(tmp_path / name, content), LimitExceeded)


def test_too_many_columns_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelward.data.shape.MAX_FIELDS", 50)
    each_another = b"".join(json.dumps({f"c{number}": 1}).encode() + b"\n" for number in range(60))
    assert isinstance(refused(tmp_path / "x.jsonl", each_another), LimitExceeded)


def test_parquet_that_names_a_column_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]), path)
    with pytest.raises(InputError, match="'a' is there twice"):
        take(path, "d")


def test_type_without_canonical_values_is_refused() -> None:
    for kind in (pa.month_day_nano_interval(), pa.list_(pa.dense_union([pa.field("a", pa.int8())]))):
        with pytest.raises(InputError, match="no canonical form"):
            shape(kind)


def test_struct_that_names_a_field_twice_is_refused() -> None:
    with pytest.raises(InputError, match="twice"):
        shape(pa.struct([pa.field("a", pa.int8()), pa.field("a", pa.int8())]))


def test_parquet_with_broken_text_is_refused(tmp_path: Path) -> None:
    broken = pa.Array.from_buffers(
        pa.string(),
        1,
        [None, pa.py_buffer((0).to_bytes(4, "little") + (1).to_bytes(4, "little")), pa.py_buffer(b"\xff")],
    )
    pq.write_table(pa.table({"a": broken}), tmp_path / "x.parquet")
    with pytest.raises(InputError, match="Parquet"):
        take(tmp_path / "x.parquet", "d")


def test_a_pipe_or_missing_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.csv")
    with pytest.raises(InputError, match="regular"):
        take(tmp_path / "x.csv", "d")
    with pytest.raises(InputError, match="cannot be read"):
        take(tmp_path / "missing.csv", "d")


def test_unknown_kinds_of_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"a")
    with pytest.raises(InputError, match="not a dataset"):
        take(tmp_path / "x.bin", "d")
    with pytest.raises(InputError, match="not a dataset"):
        take(tmp_path, "d")


def test_options_that_fit_no_column_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a\n1\n")
    (tmp_path / "x.jsonl").write_text('{"a": 1}\n')
    for name, options in (
        ("x.csv", Options(types={"b": "int64"})),
        ("x.csv", Options(types={"a": "int128"})),
        ("x.csv", Options(contributor=("user",))),
        ("x.jsonl", Options(types={"a": "int64"})),
    ):
        with pytest.raises(UsageError):
            take(tmp_path / name, "d", options)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
@settings(deadline=None, max_examples=80)
@given(st.data())
def test_damaged_files_raise_nothing_but_our_errors(suffix: str, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / f"x{suffix}"
        if suffix == ".parquet":
            pq.write_table(pa.table({"a": ["x", "y"] * 20, "b": [[1], None] * 20}), path, compression="zstd")
        elif suffix == ".csv":
            path.write_bytes(b'a,b\n1,"x"\n2,"y\n""z"\n')
        else:
            path.write_bytes(b'{"a": [1, {"b": "\\u00e9"}]}\n{"a": null}\n')
        content = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, len(content) - 1))
            content[at] = data.draw(st.integers(0, 255))
        if data.draw(st.booleans()):
            del content[data.draw(st.integers(0, len(content) - 1)) :]
        path.write_bytes(content)
        try:
            take(path, "d")
        except ModelwardError as error:
            assert error.where  # noqa: PT017
