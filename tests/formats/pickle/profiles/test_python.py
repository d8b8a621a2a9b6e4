from __future__ import annotations

import argparse
import array
import collections
import datetime
import decimal
import enum
import fractions
import functools
import http
import io
import ipaddress
import operator
import pathlib
import random
import re
import types
import uuid
import zoneinfo
from typing import Any

import pytest
from tests.formats.assemble import (
    EMPTY_DICT,
    EMPTY_LIST,
    EMPTY_TUPLE,
    NONE,
    TRUE,
    call,
    data,
    fetch,
    number,
    pickle,
    stack_fetch,
    text,
    tup,
)
from tests.formats.pickle.opinions import worst, written

from modelward.formats.pickle.judge import Opinion

AWARE = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


class Bag(dict[str, int]):
    """A class that is not on the list."""


@pytest.mark.parametrize(
    "value",
    [
        collections.OrderedDict(a=1),
        collections.Counter("aab"),
        collections.defaultdict(list, a=[1]),
        collections.defaultdict(functools.partial(collections.defaultdict, int)),
        collections.deque([1, 2], 5),
        collections.UserDict(a=1),
        collections.ChainMap({"a": 1}),
        {1, 2},
        frozenset([1]),
        bytearray(b"abc"),
        b"",
        b"\xff",
        1j,
        range(3),
        slice(1, None),
        argparse.Namespace(lr=0.1),
        types.SimpleNamespace(lr=0.1),
        pathlib.PurePosixPath("a/b"),
        pathlib.Path("a"),
        datetime.date(2026, 1, 1),
        datetime.datetime(2026, 1, 1),
        datetime.time(1, 2),
        datetime.timedelta(1),
        AWARE,
        datetime.datetime(2026, 1, 1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")),
        decimal.Decimal("1.5"),
        decimal.Context(prec=5),
        fractions.Fraction(1, 3),
        fractions.Fraction(-(10**40), 7),
        UnicodeDecodeError("utf-8", b"x", 0, 1, "no"),
        SyntaxError("no", ("f", 1, 2, "x")),
        uuid.UUID(int=5),
        ipaddress.ip_address("127.0.0.1"),
        ipaddress.ip_network("10.0.0.0/8"),
        array.array("d", [1.0, 2.0]),
        re.compile("a+", re.IGNORECASE),
        re.IGNORECASE,
        http.HTTPStatus.OK,
        random.Random(1),
        operator.itemgetter(1, 2),
        operator.attrgetter("name"),
        functools.partial(dict, a=1),
        io.BytesIO(b"abc"),
        io.StringIO("abc"),
        ValueError("no", 1),
        str.lower,
        len,
        type(None),
        iter([1, 2]),
        NotImplemented,
        ...,
    ],
    ids=lambda value: type(value).__name__,
)
def test_plain_data_of_the_standard_library_are_allowed(value: Any) -> None:
    assert written(value, range(6) if not isinstance(value, io.IOBase) else range(2, 6)) == []


@pytest.mark.parametrize(
    "value",
    [
        call("fractions", "Fraction", text("1e9999999999")),
        call("fractions", "Fraction", text("-3/7" + "0" * 4300)),
        call("builtins", "int", text("9" * 4001)),
        call("builtins", "bytes", number(1 << 30)),
        call("builtins", "bytearray", number(1 << 30)),
        call("builtins", "SyntaxError", text("x"), call("builtins", "range", number(1 << 30))),
        call("builtins", "list", call("builtins", "range", number(1 << 30))),
        call("collections", "deque", call("builtins", "range", number(1 << 30)), number(1)),
        call("itertools", "repeat", number(1), number(1 << 30)),
        call("itertools", "count"),
        call("logging", "getLogger", text("." * 201)),
        call("builtins", "iter", EMPTY_LIST) + EMPTY_DICT + b"b",
        fetch("random", "Random") + EMPTY_TUPLE + b"R" + tup(number(3), tup(number(1)), NONE) + b"b",
        fetch("random", "Random") + EMPTY_TUPLE + b"R" + NONE + b"b",
        call("_io", "BytesIO") + tup(data(b"x"), EMPTY_LIST, NONE) + b"b",
        call("operator", "getitem", fetch("typing", "Union"), tup(*[text("x")] * 257)),
    ],
)
def test_a_few_bytes_that_would_take_all_memory_are_refused(value: bytes) -> None:
    assert worst(pickle(value)) in (Opinion.MISUSED, Opinion.UNKNOWN, Opinion.SINK)


@pytest.mark.parametrize(
    "value",
    [
        call("fractions", "Fraction", text("-3/7")),
        call("fractions", "Fraction", text("12")),
        call("builtins", "int", text("9" * 4000)),
        call("builtins", "range", number(1 << 30)),
        call("logging", "getLogger", text("a.b-c")),
        call("decimal", "Decimal", text("1e9999999999")),  # which it does not work out
        call("operator", "getitem", fetch("typing", "Union"), tup(*[fetch("builtins", "int")] * 256)),
    ],
)
def test_near_miss_arguments_that_cost_no_more_than_they_take(value: bytes) -> None:
    assert worst(pickle(value)) is Opinion.ALLOWED


class Colour(enum.Enum):
    RED = 1


def test_what_is_not_listed_is_named() -> None:
    found = written(Bag(a=1), range(2, 3))
    assert {subject for _, subject, _ in found} == {f"{Bag.__module__}.Bag"}
    assert written(Colour.RED, range(4, 5))


ENUM = fetch("transformers.trainer_utils", "SchedulerType")


@pytest.mark.parametrize(
    "value",
    [
        call("transformers.trainer_utils", "SchedulerType", text("linear")),
        call("builtins", "getattr", ENUM, text("LINEAR")),
        call(
            "copy_reg", "_reconstructor", fetch("argparse", "Namespace"), fetch("__builtin__", "object"), NONE
        )
        + EMPTY_DICT
        + b"b",
        call("copyreg", "__newobj__", fetch("argparse", "Namespace")) + EMPTY_DICT + b"b",
        call("__builtin__", "xrange", number(3)),
        call("datetime", "datetime", text("x" * 10)),
        call("collections", "OrderedDict", EMPTY_LIST + EMPTY_LIST + b"(" + text("k") + text("v") + b"ea"),
    ],
)
def test_other_ways_to_write_the_same_are_allowed(value: bytes) -> None:
    assert worst(pickle(value)) is Opinion.ALLOWED


@pytest.mark.parametrize(
    ("value", "opinion"),
    [
        (call("collections", "OrderedDict", text("plain")), Opinion.MISUSED),
        (call("collections", "OrderedDict", text("rm -rf /")), Opinion.SUSPICIOUS),
        (call("collections", "OrderedDict", EMPTY_LIST + text("ab") + b"a"), Opinion.MISUSED),
        (call("collections", "defaultdict", fetch("builtins", "getattr")), Opinion.SINK),
        (call("_codecs", "encode", text("x"), text("rot13")), Opinion.MISUSED),
        (call("builtins", "getattr", ENUM, text("__class__")), Opinion.SINK),
        (call("builtins", "getattr", fetch("collections", "OrderedDict"), text("pop")), Opinion.UNKNOWN),
        (call("builtins", "list", text("x")), Opinion.MISUSED),
        (call("builtins", "type", text("X"), EMPTY_TUPLE, EMPTY_DICT), Opinion.MISUSED),
        (call("functools", "partial", fetch("builtins", "getattr")), Opinion.SINK),
        (call("functools", "partial", fetch("os", "system")), Opinion.SINK),
        (call("functools", "partial", fetch("builtins", "dict")) + EMPTY_TUPLE + b"R", Opinion.SINK),
        (call("operator", "attrgetter", text("system")), Opinion.SINK),
        (call("operator", "attrgetter", text("__globals__")), Opinion.SINK),
        (call("operator", "attrgetter", text("name")) + tup(NONE) + b"R", Opinion.SINK),
        (call("operator", "itemgetter", text("system")) + tup(EMPTY_DICT) + b"R", Opinion.SINK),
        (call("operator", "methodcaller", text("lower")), Opinion.SINK),
        (call("operator", "add", text("a"), text("b")), Opinion.SINK),
        (call("builtins", "print", text("a")), Opinion.SINK),
        (
            call("builtins", "getattr", fetch("builtins", "str"), text("join")) + tup(text("")) + b"R",
            Opinion.SINK,
        ),
        (call("zoneinfo", "ZoneInfo", text("../../etc/passwd")), Opinion.SINK),
        (call("pytz", "_p", text("../../../etc/passwd")), Opinion.SUSPICIOUS),
        (call("pathlib", "PosixPath", number(1)), Opinion.MISUSED),
        (fetch("collections", "OrderedDict") + EMPTY_TUPLE + b"\x81", Opinion.MISUSED),
        (
            call(
                "copyreg", "_reconstructor", fetch("collections", "deque"), fetch("builtins", "object"), NONE
            ),
            Opinion.MISUSED,
        ),
        (
            call("copyreg", "_reconstructor", fetch("argparse", "Namespace"), fetch("m", "C"), NONE),
            Opinion.UNKNOWN,
        ),
        (
            call("transformers.trainer_utils", "SchedulerType", text("linear")) + EMPTY_DICT + b"b",
            Opinion.MISUSED,
        ),
        (call("io", "BytesIO", data(b"x")) + tup(NONE) + b"b", Opinion.MISUSED),
        (call("uuid", "UUID", text("x")), Opinion.MISUSED),
        (stack_fetch("builtins", "str.format") + tup(text("{0}")) + b"R", Opinion.SINK),
        (call("logging", "getLogger", text("a")) + EMPTY_DICT + b"b", Opinion.MISUSED),
        (call("builtins", "complex", TRUE, text("1")), Opinion.MISUSED),
    ],
)
def test_allowed_globals_out_of_their_contract_are_refused(value: bytes, opinion: Opinion) -> None:
    assert worst(pickle(value)) is opinion
