"""Conversion, held against what torch itself loads and what safetensors itself writes."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path
from typing import Any

import pytest
from tests.formats.assemble import (
    EMPTY_DICT,
    EMPTY_LIST,
    MARK,
    POP,
    SHELL,
    call,
    checkpoint,
    fetch,
    legacy,
    tensor,
    text,
)
from tests.torch_files import needs_torch

from modelward.core.errors import InputError, LimitExceeded, Rejected
from modelward.core.finding import Verdict
from modelward.scan.convert import Wish, convert

FLOATS = struct.pack("<4f", 1, 2, 3, 4)
ONE = EMPTY_DICT + text("w") + tensor() + b"s"


def header(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    found: dict[str, Any] = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    return found


def save(path: Path, *parts: bytes) -> Path:
    path.write_bytes(checkpoint(*parts, storages={"0": FLOATS}).bytes())
    return path


def refused(path: Path, out: Path, error: type[Exception], match: str, wish: Wish | None = None) -> None:
    before = sorted(out.parent.iterdir())
    with pytest.raises(error, match=match):
        convert(path, out, wish=wish or Wish())
    assert sorted(out.parent.iterdir()) == before


# against torch


def flat(value: Any, name: str = "") -> dict[str, Any]:
    import torch

    if isinstance(value, torch.Tensor):
        return {name: value}
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list | tuple)
        else ()
    )
    found: dict[str, Any] = {}
    for key, item in items:
        found |= flat(item, f"{name}.{key}" if name else str(key))
    return found


def every_kind() -> dict[str, Any]:
    import torch

    torch.manual_seed(1)
    block = torch.arange(24.0).reshape(2, 3, 4)
    names = [
        "float64",
        "float32",
        "float16",
        "bfloat16",
        "int64",
        "int32",
        "int16",
        "int8",
        "uint8",
        "bool",
        "complex64",
    ]
    kinds = {name: (torch.rand(3, 5) * 9).to(getattr(torch, name)) for name in names}
    return {
        **kinds,
        "turned": block.permute(2, 0, 1),
        "part": block[:, 1:, ::2],
        "last": torch.rand(4, 3, 5, 5).contiguous(memory_format=torch.channels_last),
        "empty": torch.zeros(0, 3),
        "scalar": torch.tensor(3.0),
        "tied": kinds["float32"],
        "parameter": torch.nn.Parameter(torch.ones(2)),
    }


def only_zip() -> dict[str, Any]:
    """Types that torch cannot read from the legacy format."""
    import torch

    names = ["uint16", "uint32", "uint64", "float8_e4m3fn", "float8_e5m2", "float8_e8m0fnu"]
    return {name: torch.rand(2, 3).to(getattr(torch, name)) for name in names}


def trained() -> dict[str, Any]:
    """As Lightning and most training loops save."""
    import torch

    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.rand(5, 3)).sum().backward()
    optimizer.step()
    return {
        "epoch": 3,
        "pytorch-lightning_version": "2.5.0",
        "state_dict": model.state_dict(),
        "optimizer_states": [optimizer.state_dict()],
        "hyper_parameters": {"lr": 0.1},
    }


@needs_torch
@pytest.mark.parametrize(
    ("make", "new"),
    [(every_kind, True), (every_kind, False), (only_zip, True), (trained, True), (trained, False)],
)
def test_equal_to_what_torch_loads_and_safetensors_writes(make: Any, new: bool, tmp_path: Path) -> None:
    import safetensors.torch
    import torch

    path, out = tmp_path / "model.bin", tmp_path / "model.safetensors"
    torch.save(make(), path, _use_new_zipfile_serialization=new)
    (made,) = convert(path, out)
    wanted = flat(torch.load(path, weights_only=True))
    plain = {name: one.detach().clone(memory_format=torch.contiguous_format) for name, one in wanted.items()}
    safetensors.torch.save_file(plain, tmp_path / "theirs", {"format": "pt"})
    assert out.read_bytes() == (tmp_path / "theirs").read_bytes()
    assert made.verdict is Verdict.CLEAN


@needs_torch
def test_module_gives_what_its_state_dict_has(tmp_path: Path) -> None:
    import torch

    model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.LSTM(2, 3))
    torch.save(model, tmp_path / "model.pt")
    convert(tmp_path / "model.pt", tmp_path / "out")
    assert header(tmp_path / "out").keys() - {"__metadata__"} == model.state_dict().keys()


# what is asked


def test_part_of_a_checkpoint(tmp_path: Path) -> None:
    path = save(tmp_path / "a.ckpt", EMPTY_DICT + text("state_dict") + ONE + b"s")
    (made,) = convert(path, tmp_path / "out", wish=Wish(only="state_dict"))
    assert [one.name for one in made.tensors] == ["w"]


def test_file_that_exists_is_kept(tmp_path: Path) -> None:
    path, out = save(tmp_path / "a.bin", ONE), tmp_path / "out"
    out.write_bytes(b"mine")
    with pytest.raises(InputError, match="exists already"):
        convert(path, out)
    assert out.read_bytes() == b"mine"
    convert(path, out, wish=Wish(force=True))
    assert out.read_bytes().endswith(FLOATS)


def test_malicious_checkpoint_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "a.bin", SHELL, POP, ONE)
    refused(path, tmp_path / "out", Rejected, "malicious: loading this file runs a shell command")


def test_tensors_of_a_malicious_checkpoint_if_asked_for(tmp_path: Path) -> None:
    path = save(tmp_path / "a.bin", SHELL, POP, ONE)
    (made,) = convert(path, tmp_path / "out", wish=Wish(even_if_malicious=True))
    assert made.verdict is Verdict.MALICIOUS
    assert (tmp_path / "out").read_bytes().endswith(FLOATS)


def test_unknown_classes_beside_the_tensors_are_left_behind(tmp_path: Path) -> None:
    odd = EMPTY_DICT + MARK + text("w") + tensor() + text("args") + call("my.project", "Args") + b"u"
    (made,) = convert(save(tmp_path / "a.bin", odd), tmp_path / "out")
    assert made.verdict is Verdict.UNVERIFIED
    assert [one.name for one in made.left_out] == ["args"]


def test_tied_tensors_are_each_written(tmp_path: Path) -> None:
    tied = EMPTY_DICT + MARK + text("a") + tensor() + text("b") + tensor() + b"u"
    (made,) = convert(save(tmp_path / "a.bin", tied), tmp_path / "out")
    assert made.copied == (("a", "b"),)
    assert (tmp_path / "out").read_bytes().endswith(FLOATS * 2)


def test_few_bytes_that_would_fill_the_disk(tmp_path: Path) -> None:
    many = EMPTY_LIST + tensor() + b"q\x00" + POP + MARK + b"h\x00" * 50 + b"e"
    refused(save(tmp_path / "a.bin", many), tmp_path / "out", LimitExceeded, "over 8 times")


def test_checkpoint_without_tensors(tmp_path: Path) -> None:
    refused(save(tmp_path / "a.bin", EMPTY_DICT), tmp_path / "out", InputError, "no tensor in it")


def test_data_that_break_off_leave_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(legacy(tensor(), keys=("0",), storages=struct.pack("<q", 4) + FLOATS[:-1]))
    refused(path, tmp_path / "out", InputError, "a.bin: its storages reach to byte")


def test_error_names_file_and_tensor(tmp_path: Path) -> None:
    hidden = EMPTY_DICT + text("q") + call("my", "Thing", tensor()) + b"s"
    path = save(tmp_path / "a.bin", EMPTY_DICT + text("layer") + hidden + b"s")
    refused(path, tmp_path / "out", InputError, r"a\.bin: layer\.q: there is a tensor within")


def test_file_that_is_not_there(tmp_path: Path) -> None:
    refused(tmp_path / "a.bin", tmp_path / "out", InputError, "cannot read it")


# directories


def shards(folder: Path, **index: str) -> Path:
    folder.mkdir()
    for number, name in enumerate("ab", 1):
        save(folder / f"pytorch_model-0000{number}-of-00002.bin", EMPTY_DICT + text(name) + tensor() + b"s")
    places = index or {"a": "pytorch_model-00001-of-00002.bin", "b": "pytorch_model-00002-of-00002.bin"}
    document = {"metadata": {"total_size": 7}, "weight_map": places}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(document))
    return folder


def test_shards_and_their_index(tmp_path: Path) -> None:
    out = tmp_path / "out"
    made = convert(shards(tmp_path / "model"), out)
    assert sorted(os.listdir(out)) == [
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
    ]
    assert [one.path.parent for one in made] == [out, out]
    assert json.loads((out / "model.safetensors.index.json").read_text()) == {
        "metadata": {"total_size": 32},
        "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"},
    }


def test_directory_with_one_file(tmp_path: Path) -> None:
    save(tmp_path / "pytorch_model.bin", ONE)
    convert(tmp_path, tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["model.safetensors", "pytorch_model.bin"]


@pytest.mark.parametrize(
    ("index", "match"),
    [
        ({"a": "pytorch_model-00001-of-00002.bin", "c": "pytorch_model-00002-of-00002.bin"}, "'c' is not in"),
        ({"a": "pytorch_model-00002-of-00002.bin"}, "'a' is not in"),
        ({"a": "../pytorch_model.bin"}, "no .bin file beside it"),
        ({"a": "missing.bin"}, "cannot read it"),
    ],
)
def test_index_that_lies_leaves_nothing(index: dict[str, str], match: str, tmp_path: Path) -> None:
    folder = shards(tmp_path / "model", **index)
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(InputError, match=match):
        convert(folder, out)
    assert os.listdir(out) == []


def test_malicious_shard_leaves_nothing(tmp_path: Path) -> None:
    folder = shards(tmp_path / "model")
    save(folder / "pytorch_model-00002-of-00002.bin", fetch("os", "system"), POP, ONE)
    with pytest.raises(Rejected):
        convert(folder, tmp_path / "out")
    assert os.listdir(tmp_path / "out") == []


def test_directory_without_a_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no single \.bin file"):
        convert(tmp_path, tmp_path / "out")
