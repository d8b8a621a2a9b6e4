from __future__ import annotations

import pyarrow as pa
import pytest

from modelward.data.exchange.columns import contradiction, data_type, field_of, media_type
from modelward.data.exchange.facts import Field


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (pa.int8(), "cr:Int8"),
        (pa.uint64(), "cr:UInt64"),
        (pa.float16(), "cr:Float16"),
        (pa.float64(), "cr:Float64"),
        (pa.string(), "sc:Text"),
        (pa.large_string(), "sc:Text"),
        (pa.bool_(), "sc:Boolean"),
        (pa.date32(), "sc:Date"),
        (pa.timestamp("us", "UTC"), "sc:DateTime"),
        (pa.time32("s"), "sc:Time"),
        (pa.decimal128(5, 2), "sc:Float"),
        (pa.dictionary(pa.int32(), pa.string()), "sc:Text"),
        (pa.binary(), ""),
        (pa.duration("s"), ""),
    ],
)
def test_arrow_types_have_data_types(kind: pa.DataType, expected: str) -> None:
    assert data_type(str(kind)) == expected


@pytest.mark.parametrize(
    ("arrow", "expected"),
    [("int32 | int64", "sc:Integer"), ("double | int64", "sc:Float"), ("int64 | string", "")],
)
def test_columns_of_several_widths_have_the_wider_type(arrow: str, expected: str) -> None:
    assert data_type(arrow) == expected


def test_lists_and_structs_nest() -> None:
    kind = pa.list_(pa.struct([("a", pa.int64()), ("b", pa.list_(pa.string()))]))
    field = field_of("x", str(kind), "f", "application/x-parquet", "hadPrimarySource")
    assert (field.array, field.types, field.role) == (True, (), "hadPrimarySource")
    assert [(inner.name, inner.types, inner.array, inner.path) for inner in field.fields] == [
        ("a", ("cr:Int64",), False, "a"),
        ("b", ("sc:Text",), True, "b"),
    ]


@pytest.mark.parametrize("arrow", ["struct<a b: int64>", "struct<", "struct<a: struct<b: int64>", "struct<>"])
def test_structs_whose_fields_are_not_clear_are_left_whole(arrow: str) -> None:
    assert field_of("x", arrow, "f", "text/csv").fields == ()


def test_deep_types_end() -> None:
    arrow = "list<item: " * 1000 + "int64" + ">" * 1000
    assert field_of("x", arrow, "f", "text/csv").array


def test_pictures_are_pictures() -> None:
    field = field_of("image", "struct<bytes: binary, path: string>", "f", "application/x-parquet")
    assert field.types == ("sc:ImageObject",)


@pytest.mark.parametrize(
    ("types", "arrow", "contradicts"),
    [
        (("sc:Integer",), "double", False),
        (("sc:Boolean",), "int64", True),
        (("sc:Integer",), "string", False),  # CSV: everything is text
        (("sc:Text", "cr:Label"), "int64", True),
        (("sc:GeoCoordinates",), "int64", False),
        (("sc:Date",), "timestamp[us]", True),
    ],
)
def test_a_type_that_the_data_does_not_have_is_told(
    types: tuple[str, ...], arrow: str, contradicts: bool
) -> None:
    assert bool(contradiction(Field(name="x", types=types), arrow)) is contradicts


def test_media_types_follow_the_name() -> None:
    assert [media_type(name) for name in ("a.csv.gz", "b.PARQUET", "c.bin")] == [
        "text/csv",
        "application/x-parquet",
        "application/octet-stream",
    ]
