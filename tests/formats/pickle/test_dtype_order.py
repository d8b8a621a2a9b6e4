from __future__ import annotations

from modelward.formats.pickle.dtype_order import DtypeOrder
from modelward.formats.pickle.values import Container, Event, Global, Kind, Made, Value


def dtype() -> Made:
    return Made(Global("numpy", "dtype", 0), Container("tuple", ["V8", False, True]), "REDUCE", 0)


def build(target: Value, *state: Value) -> Event:
    return Event(Kind.BUILD, "BUILD", 0, target, Container("tuple", list(state)))


ARRAY = Made(Global("numpy.core.multiarray", "_reconstruct", 0), None, "REDUCE", 0)


def test_a_dtype_is_set_before_an_array_is_made_of_it() -> None:
    order, kind = DtypeOrder(), dtype()
    assert not order.problem(build(kind, 3))
    assert not order.problem(build(ARRAY, 1, kind))
    assert not order.problem(build(ARRAY, 1, kind))
    assert order.problem(build(kind, 3))


def test_a_dtype_that_a_field_or_a_scalar_has_is_set_no_more() -> None:
    order, inner, other = DtypeOrder(), dtype(), dtype()
    fields = Container("dict", ["a", Container("tuple", [inner, 0])])
    assert not order.problem(build(dtype(), 3, fields))
    assert order.problem(build(inner, 3))
    scalar = Global("numpy.core.multiarray", "scalar", 0)
    assert not order.problem(Event(Kind.CALL, "REDUCE", 0, scalar, Container("tuple", [other, b"x"])))
    assert order.problem(build(other, 3))


def test_a_dtype_that_holds_objects_says_so_as_part_of_another() -> None:
    for flags, allowed in ((63, True), (3, True), (0, False), (1, False), (2, False)):
        order, inner = DtypeOrder(), dtype()
        fields = Container("dict", ["a", Container("tuple", [inner, 0])])
        assert not order.problem(build(inner, 3, "|", None, None, None, 8, 1, 63))
        problem = order.problem(build(dtype(), 3, "|", None, None, fields, 8, 1, flags))
        assert (problem == "") is allowed


def test_near_miss_parts_without_objects() -> None:
    order, inner = DtypeOrder(), dtype()
    assert not order.problem(build(inner, 3, "|", None, None, None, 8, 1, 0))
    subarray = Container("tuple", [inner, 2])
    assert not order.problem(build(dtype(), 3, "|", subarray, None, None, 16, 1, 0))
