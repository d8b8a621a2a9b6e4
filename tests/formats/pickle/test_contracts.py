from __future__ import annotations

import pytest
from tests.formats.assemble import (
    EMPTY_DICT,
    EMPTY_LIST,
    NONE,
    TRUE,
    call,
    data,
    fetch,
    number,
    run,
    text,
    tup,
)

from modelward.formats.pickle import contracts
from modelward.formats.pickle.contracts import Check, either, matching, named, pairs, plain_state, takes
from modelward.formats.pickle.values import Blob, Container, Unknown, Value
from modelward.formats.source import BytesSource


def value(part: bytes) -> Value:
    result = run(b"\x80\x02" + part + b".")[0]
    assert result.trouble is None
    return result.value


LONG = Blob("bytes", BytesSource(b""), 0, 9999)


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (contracts.integer, [1, -1], [True, 1.0, "1", None]),
        (contracts.natural, [0, 1], [True, -1]),
        (contracts.boolean, [True, 0], [2, "", None]),
        (contracts.text, ["", Blob("str", BytesSource(b""), 0, 1)], [b"", LONG]),
        (
            contracts.data,
            [b"", LONG, value(call("_codecs", "encode", text("a"), text("latin1")))],
            ["", Unknown("x"), value(call("os", "x"))],
        ),
        (contracts.number, [1, 1.5], ["1", None]),
        (
            contracts.naturals,
            [value(tup(number(1), number(2))), value(call("torch", "Size"))],
            [value(tup(number(-1))), value(EMPTY_LIST), Container("tuple", [], lost=1)],
        ),
        (contracts.one_of("C", 0), ["C", 0], [False, "c", b"C"]),
        (matching("[ab]+"), ["ab"], ["abc", b"ab", None]),
        (
            named("builtins.object"),
            [value(fetch("builtins", "object")), value(fetch("__builtin__", "object"))],
            [value(fetch("builtins", "eval")), value(call("builtins", "object")), "builtins.object"],
        ),
        (
            contracts.empty("dict"),
            [value(EMPTY_DICT)],
            [value(EMPTY_LIST), Container("dict", ["k", 1]), Container("dict", lost=1)],
        ),
        (
            contracts.torch_dtype,
            [value(fetch("torch", "float32"))],
            [value(fetch("torch", "load")), value(fetch("x", "float32"))],
        ),
        (
            pairs,
            [
                value(EMPTY_LIST),
                Container("list", [Container("list", ["a", 1])]),
                Container("list", [Container("list", ["a", 1])], lost=1),
            ],
            [
                "ab",
                Container("list", ["ab"]),
                Container("list", [Container("list", ["a"])]),
            ],
        ),
    ],
)
def test_checks(check: Check, good: list[Value], bad: list[Value]) -> None:
    assert [item for item in good if not check(item)] == []
    assert [item for item in bad if check(item)] == []


def test_name_split_at_another_dot_is_another_name() -> None:
    assert not named("torch._utils._rebuild_tensor_v2")(value(fetch("torch", "_utils._rebuild_tensor_v2")))


def test_arguments_are_counted_and_checked() -> None:
    contract = takes(contracts.text, contracts.integer, optional=1)
    assert contract(value(tup(text("a"), number(1)))) is None
    assert contract(value(tup(text("a")))) is None
    assert contract(value(tup())) == "it takes 2 arguments and gets 0"
    assert contract(value(tup(text("a"), TRUE))) == "its argument 2 is not what it should be"
    assert contract(value(EMPTY_LIST)) == "its arguments cannot be told"
    assert contract(Container("tuple", [], lost=1)) == "its arguments cannot be told"


def test_either_of_two_contracts() -> None:
    contract = either(takes(), takes(contracts.text))
    assert contract(value(tup())) is None
    assert contract(value(tup(text("a")))) is None
    assert contract(value(tup(NONE))) is not None


@pytest.mark.parametrize(
    ("state", "problem"),
    [
        (NONE, None),
        (EMPTY_DICT + text("lr") + number(1) + b"s", None),
        (EMPTY_DICT + text("dtype") + fetch("torch", "float32") + b"s", None),
        (EMPTY_DICT + text("__class__") + NONE + b"s", "its state sets a special attribute"),
        (EMPTY_DICT + number(1) + NONE + b"s", "its state sets a special attribute"),
        (
            EMPTY_DICT + text("forward") + fetch("builtins", "getattr") + b"s",
            "its state sets forward to builtins.getattr",
        ),
        (EMPTY_DICT + text("kind") + fetch("collections", "OrderedDict") + b"s", None),
        (EMPTY_DICT + text("__fields_set__") + NONE + b"s", None),
        (
            EMPTY_DICT + text("__setstate__") + fetch("builtins", "dict") + b"s",
            "its state sets a special attribute",
        ),
        (tup(NONE, EMPTY_DICT), "its state is not a dict that is known"),
        (data(b""), "its state is not a dict that is known"),
    ],
)
def test_state_sets_plain_attributes_only(state: bytes, problem: str | None) -> None:
    assert plain_state(value(state)) == problem
