from __future__ import annotations

import ast

from modelward.formats.python_effects import result
from modelward.formats.python_values import ENVIRONMENT, FETCHED, HIDDEN, SECRET, Value, constant

CALL = ast.Call(ast.Name("f"), [], [])


def given(name: str, *arguments: Value) -> Value:
    return result(CALL, Value(name), name, list(arguments), {})


def test_what_calls_give() -> None:
    assert given("builtins.__import__", constant("os")).name == "os"
    assert given("builtins.getattr", Value("os"), constant("system")).name == "os.system"
    assert given("builtins.chr", constant(65)).text == "A"
    assert given("builtins.bytes", constant([105, 100])).text == "id"
    assert given("builtins.map", Value("builtins.chr"), constant([65, 66])).constant == ["A", "B"]
    assert FETCHED in given("requests.get", constant("http://x.y")).tags
    assert SECRET in given("builtins.open", constant("/etc/shadow")).tags
    assert ENVIRONMENT in given("builtins.dict", Value("os.environ")).tags


def test_one_variable_of_the_environment_is_no_secret() -> None:
    whole = given("builtins.dict", Value("os.environ"))
    assert ENVIRONMENT not in given("x.get", whole).tags
    assert given("unknown.function").name == "unknown.function()"


def test_data_reached_by_a_built_name_hides_no_call() -> None:
    reached = Value("headers", tags=frozenset({HIDDEN}))
    assert HIDDEN not in given("urllib.request.Request", reached).tags
