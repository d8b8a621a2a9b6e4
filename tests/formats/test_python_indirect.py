from __future__ import annotations

from modelward.formats.python_indirect import fetched, through
from modelward.formats.python_values import HIDDEN, Value, constant

SYSTEM, OS, TEXT = Value("os.system"), Value("os"), constant("id")


def test_partial_calls_what_it_was_given() -> None:
    kept = Value("functools.partial()", [SYSTEM, "id"])
    call = through(kept, kept.name, [constant("x")], {})
    assert call is not None
    assert (call[0].name, [value.text for value in call[1]]) == ("os.system", ["id", "x"])


def test_thread_calls_its_target() -> None:
    arguments = {"target": SYSTEM, "args": constant(["id"])}
    call = through(Value("threading.Thread"), "threading.Thread", [], arguments)
    assert call is not None
    assert (call[0], [value.text for value in call[1]]) == (SYSTEM, ["id"])


def test_method_by_name() -> None:
    kept = Value("operator.methodcaller()", ["system", "id"])
    call = through(kept, kept.name, [OS], {})
    assert call is not None
    assert call[0].name == "os.system"


def test_member_by_name() -> None:
    found = fetched(Value("os.__getattribute__"), "os.__getattribute__", [constant("system")])
    assert found is not None
    assert (found.name, HIDDEN in found.tags) == ("os.system", True)


def test_ordinary_calls_are_what_they_are() -> None:
    assert through(SYSTEM, "os.system", [TEXT], {}) is None
    assert fetched(SYSTEM, "os.system", [TEXT]) is None
    assert through(Value("threading.Thread"), "threading.Thread", [], {}) is None
