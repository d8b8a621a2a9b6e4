"""A row written as JSON has the digest that it has in the dataset."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.core.errors import InputError, ModelwardError, UsageError
from modelward.data.index import Index, Options
from modelward.data.json_row import row_digest
from modelward.data.snapshot import take

MOMENT = datetime(2026, 11, 22, 9, 14, 0, 123456, tzinfo=UTC)
COLUMNS: dict[str, tuple[pa.DataType, Any, Any]] = {
    "text": (pa.string(), "é", "é"),
    "whole": (pa.int8(), -5, -5),
    "real": (pa.float64(), 0.1, 0.1),
    "single": (pa.float32(), 0.1, 0.1),
    "half": (pa.float16(), 0.1, 0.1),
    "flag": (pa.bool_(), True, True),
    "money": (pa.decimal128(9, 2), Decimal("1.50"), "1.5"),
    "day": (pa.date32(), date(2026, 11, 22), "2026-11-22"),
    "zoned": (pa.timestamp("us", "UTC"), MOMENT, "2026-11-22T10:14:00.123456+01:00"),
    "local": (pa.timestamp("us"), MOMENT.replace(tzinfo=None), "2026-11-22T09:14:00.123456"),
    "words": (pa.list_(pa.string()), ["a", None], ["a", None]),
    "parts": (pa.struct({"n": pa.int64()}), {"n": 1}, {"n": 1}),
    "none": (pa.string(), None, None),
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    path = tmp_path_factory.mktemp("row") / "rows.parquet"
    pq.write_table(
        pa.table({name: pa.array([value], kind) for name, (kind, value, _) in COLUMNS.items()}), path
    )
    return take(path, "sms")


def written(**changed: Any) -> bytes:
    return json.dumps({name: text for name, (_, _, text) in COLUMNS.items()} | changed).encode()


def test_every_type_reads_as_its_column_has_it(index: Index) -> None:
    assert row_digest(written(), index) == index.digest_at(0)
    without = json.loads(written())
    del without["none"]
    assert row_digest(json.dumps(without).encode(), index) == index.digest_at(0)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("text", 1),
        ("whole", "1"),
        ("whole", 1.5),
        ("whole", True),
        ("real", "0.1"),
        ("flag", 1),
        ("flag", "true"),
        ("money", 1.5),
        ("money", "a"),
        ("day", "22.11.2026"),
        ("zoned", "2026-11-22T09:14:00"),
        ("local", "2026-11-22T09:14:00Z"),
        ("zoned", "2026-13-22T09:14:00Z"),
        ("half", 1e300),
        ("words", "a"),
    ],
)
def test_value_of_another_type_is_refused_not_called_absent(index: Index, column: str, value: Any) -> None:
    if column == "words":
        value = "a"
    with pytest.raises(InputError, match=f"is no value of column '{column}'"):
        row_digest(written(**{column: value}), index)


def test_types_that_json_cannot_say_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"raw": [b"\x00"], "days": pa.array([[1]], pa.list_(pa.date32()))}), path)
    index = take(path, "sms")
    for row in ({"raw": "00"}, {"days": ["1970-01-02"]}):
        with pytest.raises(InputError, match="is no value of column"):
            row_digest(json.dumps(row).encode(), index)


def test_misspelt_column_is_refused_not_called_absent(index: Index) -> None:
    with pytest.raises(InputError, match="the dataset has no column 'txt'"):
        row_digest(b'{"txt": "a"}', index)


def test_numbers_of_a_csv_are_text_unless_their_column_is_typed(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("n,m\n1,1\n")
    index = take(tmp_path / "rows.csv", "sms", Options({"n": "int64"}))
    assert row_digest(b'{"n": 1, "m": "1"}', index) == index.digest_at(0)
    with pytest.raises(InputError, match="is no value of column 'm', which is of type string"):
        row_digest(b'{"n": 1, "m": 1}', index)


def test_keyed_cells_need_the_key(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("name\nanna\n")
    index = take(tmp_path / "rows.csv", "sms", Options(keyed=("name",), key=b"k" * 32))
    assert row_digest(b'{"name": "anna"}', index) == index.digest_at(0)
    place = tmp_path / "rows.csv.index.parquet"
    index.write(place)
    from modelward.data.index_file import open_index

    with pytest.raises(UsageError, match="are hashed with a key"):
        row_digest(b'{"name": "anna"}', open_index(place))


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_a_row_or_refused(index: Index, data: bytes) -> None:
    try:
        row_digest(data, index)
    except ModelwardError:
        return


_CELLS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)


@given(st.dictionaries(st.sampled_from(sorted(COLUMNS)), _CELLS | st.lists(_CELLS, max_size=2)))
def test_any_values_are_a_row_or_refused(index: Index, row: dict[str, Any]) -> None:
    try:
        row_digest(json.dumps(row).encode(), index)
    except ModelwardError:
        return
