from __future__ import annotations

import datetime

import pyarrow as pa
import pytest

from modelward.core.errors import InputError, LimitExceeded
from modelward.data.arrow import shape
from modelward.data.arrow import values as arrow_values
from modelward.data.cells import encode


def same(*arrays: pa.Array) -> None:
    first, *others = [[encode(value) for value in arrow_values(array)] for array in arrays]
    for other in others:
        assert other == first


def test_width_and_layout_of_an_arrow_type_do_not_count() -> None:
    numbers = [1, None, 0, 100]
    integers = [
        pa.array(numbers, kind()) for kind in (pa.int8, pa.int16, pa.int32, pa.int64, pa.uint8, pa.uint64)
    ]
    same(*integers, pa.array(numbers, pa.float32()), pa.array(numbers, pa.decimal128(9, 3)))
    words = ["a", None, "é", "a"]
    same(
        pa.array(words),
        pa.array(words, pa.large_string()),
        pa.array(words, pa.string_view()),
        pa.array(words).dictionary_encode(),
        pa.compute.run_end_encode(pa.array(words)),
    )
    data = [b"ab", None, b"cd"]
    same(pa.array(data), pa.array(data, pa.large_binary()), pa.array(data, pa.binary(2)))
    lists = [[1, None], None, [3, 4]]
    same(
        pa.array(lists),
        pa.array(lists, pa.large_list(pa.int32())),
        pa.array(lists, pa.list_(pa.int64(), 2)),
        pa.array(lists, pa.list_view(pa.int8())),
    )


def test_half_and_single_floats_are_the_doubles_they_are() -> None:
    same(pa.array([0.5, 0.25], pa.float16()), pa.array([0.5, 0.25], pa.float32()), pa.array([0.5, 0.25]))


def test_a_moment_is_the_same_in_any_unit_and_zone() -> None:
    moment = datetime.datetime(2026, 11, 22, 9, 14, tzinfo=datetime.UTC)
    same(
        *(
            pa.array([moment], pa.timestamp(unit, tz))
            for unit in ("s", "ms", "ns")
            for tz in ("UTC", "Asia/Tokyo")
        )
    )
    same(pa.array([moment.date()], pa.date32()), pa.array([moment.date()], pa.date64()))
    naive, aware = pa.array([0], pa.timestamp("s")), pa.array([0], pa.timestamp("s", "UTC"))
    assert encode(arrow_values(naive)[0]) != encode(arrow_values(aware)[0])


def test_a_slice_has_the_values_of_the_slice() -> None:
    for column in (
        [[1], None, [2, 3], [4]],
        [{"a": 1}, None, {"a": None}, {"a": 4}],
        [datetime.date(2026, 1, 1), None, datetime.date(2026, 1, 2), datetime.date(2026, 1, 3)],
    ):
        whole = pa.array(column)
        same(pa.array(column[1:3], whole.type), whole.slice(1, 2))
    maps = pa.array([[("a", 1)], None, [("b", 2), ("c", None)], []], pa.map_(pa.string(), pa.int64()))
    same(pa.array(maps.to_pylist()[1:3], maps.type), maps.slice(1, 2))


def test_null_struct_hides_what_its_buffers_still_hold() -> None:
    child = pa.array([1, 2])
    masked = pa.StructArray.from_arrays([child], names=["a"], mask=pa.array([False, True]))
    assert arrow_values(masked) == [{"a": 1}, None]


def test_type_without_canonical_values_is_refused() -> None:
    for kind in (pa.month_day_nano_interval(), pa.list_(pa.dense_union([pa.field("a", pa.int8())]))):
        with pytest.raises(InputError, match="no canonical form"):
            shape(kind)


def test_struct_that_names_a_field_twice_is_refused() -> None:
    with pytest.raises(InputError, match="twice"):
        shape(pa.struct([pa.field("a", pa.int8()), pa.field("a", pa.int8())]))


def test_type_that_nests_too_deep_is_refused() -> None:
    kind = pa.int8()
    for _ in range(100):
        kind = pa.list_(kind)
    with pytest.raises(LimitExceeded):
        shape(kind)


def test_shapes_read_as_arrow_writes_types() -> None:
    for kind in (
        pa.int8(),
        pa.list_(pa.struct([("a", pa.string()), ("b", pa.timestamp("s", "UTC"))])),
        pa.map_(pa.string(), pa.int64()),
    ):
        assert shape(kind).text() == str(kind)
    assert shape(pa.dictionary(pa.int8(), pa.string())) == shape(pa.string())
