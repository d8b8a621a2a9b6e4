from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.formats.assemble import SHELL, Zip, checkpoint, pickle
from tests.formats.test_torch_export import program, size
from tests.scan.examine import examine, rules, unexamined
from tests.torch_files import needs_torch

from modelward.core.finding import Verdict


def exported(document: object = None, config: object = None, **others: bytes) -> Zip:
    archive = (
        Zip().add("m/archive_format", b"pt2").add("m/archive_version", b"0").add("m/byteorder", b"little")
    )
    archive.add("m/models/model.json", json.dumps(document or program()).encode())
    weight = {"path_name": "weight_0", "use_pickle": False}
    archive.add(
        "m/data/weights/model_weights_config.json", json.dumps(config or {"config": {"w": weight}}).encode()
    )
    archive.add("m/data/weights/weight_0", others.pop("weight", b"\x13\x37\x00\x01" * 4))
    for name, content in others.items():
        archive.add("m/" + name.replace("__", "/").replace("_", "."), content)
    return archive


def test_graph_of_torch_s_own_operators_is_clean() -> None:
    assert unexamined(exported(extra__note_txt=b"{{ x }}").bytes()) == {}
    assert examine(exported().bytes()).verdict is Verdict.CLEAN


@pytest.mark.parametrize(
    "document", [program("torch.os.system"), size("__import__('os').system('id')")], ids=["target", "size"]
)
def test_graph_that_runs_python(document: object) -> None:
    assert rules(exported(document).bytes()) == ["harmful-code"]


def test_weight_that_is_a_pickle() -> None:
    config = {"config": {"w": {"path_name": "weight_0", "use_pickle": True}}}
    assert "pickle-unsafe-call" in rules(exported(config=config, weight=checkpoint(SHELL).bytes()).bytes())


def test_weight_that_is_a_pickle_though_it_is_said_to_be_plain() -> None:
    assert "pickle-unsafe-call" in rules(exported(weight=pickle(SHELL)).bytes())


def test_sample_inputs_are_pickles() -> None:
    made = exported(data__sample_inputs__model_pt=checkpoint(SHELL).bytes()).bytes()
    assert examine(made).verdict is Verdict.MALICIOUS


def test_compiled_model_cannot_be_judged() -> None:
    made = exported(data__aotinductor__model__a_so=b"\x7fELF" + bytes(60)).bytes()
    assert "embedded-code" in rules(made)
    assert examine(made).verdict is Verdict.UNVERIFIED


def test_flags_of_the_compiler_that_run_a_command() -> None:
    flags = json.dumps({"ldflags": ["m; id"]}).encode()
    assert "harmful-code" in rules(exported(data__aotinductor__model__a_json=flags).bytes())


def test_graph_that_is_no_json_is_not_clean() -> None:
    archive = Zip().add("m/archive_format", b"pt2").add("m/models/model.json", b"{")
    assert list(unexamined(archive.bytes())) == ["model.bin!m/models/model.json"]


@needs_torch
@pytest.mark.filterwarnings("ignore")
def test_what_torch_writes_is_clean(tmp_path: Path) -> None:
    import torch

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(4, 3)
            self.constant = torch.ones(3)
            self.register_buffer("mask", torch.ones(3))

        def forward(self, x: torch.Tensor, *, scale: float = 1.0) -> torch.Tensor:
            x = torch.cond(x.sum() > 0, torch.sin, torch.cos, (x,))
            flat = x.reshape(x.shape[0] * 2, -1)[: x.shape[0] // 2 + 1]
            return self.layer(torch.cat([flat, flat], 1)) * scale + self.constant + self.mask

    shapes = {"x": {0: 2 * torch.export.Dim("half", min=2, max=64)}, "scale": None}
    found = torch.export.export(Net(), (torch.rand(8, 4),), {"scale": 2.0}, dynamic_shapes=shapes)
    torch.export.save(found, tmp_path / "m.pt2", extra_files={"config.txt": "a"})
    data = (tmp_path / "m.pt2").read_bytes()
    assert b"expr_str" in data
    report = examine(data, "m.pt2")
    assert report.verdict is Verdict.CLEAN, (report.findings, unexamined(data))
