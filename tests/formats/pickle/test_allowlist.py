from __future__ import annotations

import argparse
import collections
import datetime
import decimal
import pathlib
import pickle as cpython
from typing import Any

import pytest
from tests.formats.assemble import (
    EMPTY_DICT,
    EMPTY_LIST,
    EMPTY_TUPLE,
    NONE,
    call,
    fetch,
    number,
    pickle,
    run,
    text,
    tup,
)

from modelward.formats.pickle.allowlist import ALLOWED
from modelward.formats.pickle.judge import Opinion, judge
from modelward.formats.pickle.sinks import effect


def opinions(stream: bytes) -> list[tuple[Opinion, str]]:
    result, events = run(stream)
    assert result.trouble is None
    found = [judge(event, torch=True) for event in events]
    return [(j.opinion, j.reason) for j in found if j.opinion is not Opinion.ALLOWED]


def test_nothing_on_the_list_is_a_known_sink() -> None:
    known = {("builtins", "getattr")}  # allowed for members of known enumerations only
    assert {place for place in ALLOWED if effect(*place)} == known


def test_no_name_on_the_list_is_dotted() -> None:
    assert [name for _, name in ALLOWED if "." in name] == []


def test_every_entry_but_values_has_contracts_that_refuse_nonsense() -> None:
    nonsense = run(pickle(tup(*[text("id")] * 8)))[0].value
    open_ended = {name for _, name in ALLOWED if name.endswith("Path")}
    for (_, name), entry in ALLOWED.items():
        for contract in (entry.call, entry.new):
            assert contract is None or name in open_ended or contract(nonsense)


@pytest.mark.parametrize("protocol", range(2, 6))
@pytest.mark.parametrize(
    "value",
    [
        collections.OrderedDict(a=1),
        collections.Counter("aab"),
        collections.defaultdict(list, a=[1]),
        collections.deque([1, 2], 5),
        {1, 2},
        frozenset([1]),
        bytearray(b"abc"),
        b"",
        b"\xff",
        1j,
        range(3),
        slice(1, None),
        argparse.Namespace(lr=0.1),
        pathlib.PurePosixPath("a/b"),
        datetime.datetime(2026, 1, 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_plain_data_of_the_standard_library_are_allowed(value: Any, protocol: int) -> None:
    assert opinions(cpython.dumps(value, protocol)) == []


def test_what_is_not_listed_is_named() -> None:
    ((opinion, _), *_) = opinions(cpython.dumps(decimal.Decimal(1), 2))
    assert opinion is Opinion.UNKNOWN


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
        fetch("transformers.training_args", "TrainingArguments") + EMPTY_TUPLE + b"\x81" + EMPTY_DICT + b"b",
        fetch("torch.nn.modules.conv", "Conv2d") + EMPTY_TUPLE + b"\x81" + EMPTY_DICT + b"b",
        call("torch", "device", text("cuda:0")),
        call("torch", "Size", tup(number(1))),
        fetch("torch", "float16"),
        call("torch.torch_version", "TorchVersion", text("2.1.0")),
    ],
)
def test_usual_parts_of_checkpoints_are_allowed(value: bytes) -> None:
    assert opinions(pickle(value)) == []


@pytest.mark.parametrize(
    ("value", "opinion"),
    [
        (call("collections", "OrderedDict", text("id")), Opinion.MISUSED),
        (call("collections", "OrderedDict", EMPTY_LIST + text("ab") + b"a"), Opinion.MISUSED),
        (call("collections", "defaultdict", fetch("builtins", "getattr")), Opinion.MISUSED),
        (call("_codecs", "encode", text("x"), text("rot13")), Opinion.MISUSED),
        (call("builtins", "getattr", ENUM, text("__class__")), Opinion.SINK),
        (call("builtins", "getattr", fetch("collections", "OrderedDict"), text("pop")), Opinion.SINK),
        (call("builtins", "list", text("x")), Opinion.MISUSED),
        (
            call(
                "copyreg", "_reconstructor", fetch("collections", "deque"), fetch("builtins", "object"), NONE
            ),
            Opinion.MISUSED,
        ),
        (call("torch", "device", text("os.system")), Opinion.MISUSED),
        (fetch("collections", "OrderedDict") + EMPTY_TUPLE + b"\x81", Opinion.MISUSED),
        (
            call("transformers.trainer_utils", "SchedulerType", text("linear")) + EMPTY_DICT + b"b",
            Opinion.MISUSED,
        ),
        (call("pathlib", "PosixPath", number(1)), Opinion.MISUSED),
    ],
)
def test_allowed_globals_out_of_their_contract_are_refused(value: bytes, opinion: Opinion) -> None:
    assert opinions(pickle(value))[-1][0] is opinion
