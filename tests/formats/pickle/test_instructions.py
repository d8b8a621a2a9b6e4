from __future__ import annotations

import pytest
from tests.formats.assemble import (
    EMPTY_DICT,
    EMPTY_LIST,
    EMPTY_TUPLE,
    NONE,
    POP,
    fetch,
    number,
    pickle,
    run,
    stack_fetch,
    text,
    tup,
)

from modelward.formats.pickle.expression import render_event
from modelward.formats.pickle.values import Container, Global, Kind

F = fetch("m", "f")


def seen(*parts: bytes) -> list[tuple[str, str]]:
    """(step, expression) of the events other than references."""
    result, events = run(pickle(*parts))
    assert result.trouble is None
    return [(event.step, render_event(event)) for event in events if event.kind is not Kind.REFERENCE]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((F, tup(text("a")), b"R"), ("REDUCE", "m.f('a')")),
        ((F, EMPTY_LIST, b"R"), ("REDUCE", "m.f(*[])")),
        ((b"(", text("a"), b"im\nf\n"), ("INST", "m.f('a')")),
        ((b"(", F, text("a"), b"o"), ("OBJ", "m.f('a')")),
        ((F, tup(number(1)), b"\x81"), ("NEWOBJ", "m.f(1)")),
        ((F, tup(), EMPTY_DICT, b"\x92"), ("NEWOBJ_EX", "m.f()")),
        (
            (F, tup(), EMPTY_DICT, text("k"), NONE, b"s\x92"),
            ("NEWOBJ_EX", "m.f((), <with keywords>, {'k': None})"),
        ),
        ((F, EMPTY_DICT, b"b"), ("BUILD", "m.f.__setstate__({})")),
        ((F, NONE, b"a"), ("APPEND", "m.f.append(None)")),
        ((F, b"(", NONE, b"e"), ("APPENDS", "m.f.extend(None)")),
        ((F, text("k"), NONE, b"s"), ("SETITEM", "m.f.__setitem__('k', None)")),
        ((F, b"(", text("k"), NONE, b"u"), ("SETITEMS", "m.f.update('k', None)")),
        ((F, b"(", NONE, b"\x90"), ("ADDITEMS", "m.f.update(None)")),
        ((b"\x82\x07",), ("EXT1", "copyreg extension 7")),
        ((b"\x83\x07\x01",), ("EXT2", "copyreg extension 263")),
        ((b"\x84\x07\x00\x00\x00",), ("EXT4", "copyreg extension 7")),
        ((b"Pid\n",), ("PERSID", "persistent_load('id')")),
        ((text("id"), b"Q"), ("BINPERSID", "persistent_load('id')")),
        ((b"\x97\x98",), ("NEXT_BUFFER", "a buffer from outside the stream")),
        ((text("os"), number(1), b"\x93"), ("STACK_GLOBAL", "it fetches a global whose name cannot be told")),
    ],
)
def test_everything_that_acts_is_an_event(parts: tuple[bytes, ...], expected: tuple[str, str]) -> None:
    assert seen(*parts) == [expected]


@pytest.mark.parametrize("found", [fetch("os", "system"), stack_fetch("os", "system"), b"(ios\nsystem\n"])
def test_every_way_to_name_a_global_is_a_reference(found: bytes) -> None:
    event = run(pickle(found))[1][0]
    assert event.kind is Kind.REFERENCE
    assert isinstance(event.target, Global)
    assert event.target.qualname == "os.system"


def test_filling_plain_containers_is_no_event() -> None:
    assert (
        seen(
            EMPTY_LIST,
            NONE,
            b"a(",
            NONE,
            NONE,
            b"e",
            EMPTY_DICT,
            text("k"),
            NONE,
            b"s(",
            text("l"),
            NONE,
            b"u",
            b"\x8f(",
            NONE,
            b"\x90(",
            NONE,
            b"\x91(",
            NONE,
            b"l(",
            text("k"),
            NONE,
            b"d",
            EMPTY_TUPLE,
            tup(b"*"[:0]),
        )
        == []
    )


def test_container_filled_through_another_s_instruction_is_an_event() -> None:
    assert seen(EMPTY_DICT, NONE, b"a") == [("APPEND", "{}.append(None)")]


def test_pop_takes_a_mark_where_there_is_one() -> None:
    assert run(b"N(0.")[0].trouble is None
    assert run(b"N(N0.")[0].trouble == "byte 4 takes more from the stack than there is"


def test_memo_and_dup_give_the_same_value() -> None:
    value = run(b"]q\x012h\x01j\x01\x00\x00\x00g1\np5\ng5\n\x94h\x02(ttl.")[0]
    assert value.trouble is not None  # no mark is left: the stack is what matters
    value = run(b"]q\x01h\x01\x86.")[0]
    assert isinstance(value.value, Container)
    assert value.value.items[0] is value.value.items[1]


@pytest.mark.parametrize(
    "stream",
    [
        b"(NNNd.",
        b"}(Nu.",
        b"R.",
        b"NR.",
        b"b.",
        b"Nb.",
        b"(o.",
        b"\x93.",
        b"N\x93.",
        b"Na.",
        b"e.",
        b"N\x86.",
        b"1.",
        b"2.",
        b"Np-1\n.",
        b"Ng-1\n.",
    ],
)
def test_what_cpython_refuses_is_trouble(stream: bytes) -> None:
    assert run(stream)[0].trouble is not None


@pytest.mark.parametrize("stream", [b"c\xff\nf\n.", b"(i\xff\nf\n."])
def test_global_that_is_not_utf8_is_trouble(stream: bytes) -> None:
    assert "not UTF-8" in (run(stream)[0].trouble or "")


def test_popped_result_stays_an_event() -> None:
    assert seen(F, tup(), b"R", POP, NONE) == [("REDUCE", "m.f()")]
