from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import external_data_helper, numpy_helper
from tests.formats.assemble_graph import message, onnx_model, onnx_tensor, parsed, varint
from tests.formats.gather import kinds
from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict
from modelward.formats.onnx_tensor import read_tensor, tensor_facts
from modelward.scan import scan

FAR = str(1 << 60)


def found(data: bytes, siblings: frozenset[str] = frozenset()) -> list[str]:
    return kinds(tensor_facts(read_tensor(parsed(data)), "onnx/model.onnx", siblings, len(data)))


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../../etc/passwd",
        "..\\x",
        "C:\\x",
        "%2e%2e/x",
        "file:///etc/passwd",
        "w.bin\0.txt",
        "~/x",
    ],
)
def test_external_data_elsewhere_are_an_attack(path: str) -> None:
    tensor = onnx_tensor(raw=None, external={"location": path})
    assert found(tensor) == ["PathEscape"]
    assert rules(onnx_model(tensors=(tensor,))) == ["path-escape"]


def test_external_data_from_the_network_are_an_attack() -> None:
    assert found(onnx_tensor(raw=None, external={"location": "http://169.254.169.254/"})) == ["RemoteFetch"]


def test_external_data_at_an_address_in_memory_are_an_attack() -> None:
    assert found(onnx_tensor(raw=None, external={"location": "*/_ORT_MEM_ADDR_/*", "offset": "5"})) == [
        "Overflow"
    ]


@pytest.mark.parametrize("key", ["__class__", "readonly", "tensor", "Location"])
def test_a_key_that_sets_something_else_is_an_attack(key: str) -> None:
    assert found(onnx_tensor(raw=None, external={"location": "w.bin", key: "x"})) == ["ExternalKey"]
    assert rules(onnx_model(tensors=(onnx_tensor(raw=None, external={"location": "w", key: "x"}),))) == [
        "onnx-external-data"
    ]


@pytest.mark.parametrize(
    ("external", "kind"),
    [
        ({"offset": "-1"}, "Overflow"),
        ({"length": "-8"}, "Overflow"),
        ({"offset": FAR}, "Overflow"),
        ({"offset": FAR, "length": FAR}, "Overflow"),
        ({"length": "4"}, "Overflow"),
        ({"length": "800"}, "Malformed"),
        ({"offset": "ten"}, "Malformed"),
        ({"offset": "١"}, "Malformed"),
    ],
)
def test_a_place_that_cannot_be_is_noticed(external: dict[str, str], kind: str) -> None:
    assert found(onnx_tensor(raw=None, external={"location": "w.bin", **external})) == [kind]


def test_external_data_beside_the_model_are_ordinary() -> None:
    tensor = onnx_tensor(
        raw=None, external={"location": "w.bin", "offset": "0", "length": "8", "checksum": "ab"}
    )
    assert found(tensor, frozenset({"onnx/model.onnx", "onnx/w.bin"})) == []
    assert found(tensor, frozenset({"onnx/model.onnx"})) == ["Unread"]
    assert found(tensor) == []


@pytest.mark.parametrize(
    ("dims", "raw", "kind"),
    [
        ((-1, 2), bytes(8), "Overflow"),
        ((1 << 32, 1 << 32), bytes(8), "Overflow"),
        ((1 << 62,), bytes(8), "Overflow"),
        ((1000,), bytes(8), "Overflow"),
        ((1,), bytes(8), "Malformed"),
    ],
)
def test_a_shape_that_its_data_do_not_fill_is_noticed(dims: tuple[int, ...], raw: bytes, kind: str) -> None:
    assert found(onnx_tensor(dims=dims, raw=raw)) == [kind]


def test_dimensions_without_number_are_an_attack_and_are_not_multiplied() -> None:
    packed = message((1, varint(1 << 62) * 300_000), (2, 1), (9, bytes(8)))
    start = time.process_time()
    assert found(packed) == ["Overflow"]
    assert time.process_time() - start < 5
    assert found(onnx_tensor(dims=(1,) * 65, raw=bytes(4))) == ["Overflow"]
    assert found(onnx_tensor(dims=(1,) * 64, raw=bytes(4))) == []


def test_typed_data_are_counted_too() -> None:
    short = message((1, 5), (2, 1), (4, bytes(8)))
    assert found(short) == ["Overflow"]
    assert found(message((1, 2), (2, 1), (4, bytes(8)))) == []


@pytest.mark.parametrize("kind", ["float32", "float16", "int64", "bool", "complex64", "uint8"])
def test_tensors_of_the_library_are_sound(kind: str) -> None:
    tensor = numpy_helper.from_array(np.ones((3, 5), dtype=kind), "t")
    assert found(tensor.SerializeToString()) == []
    assert examine(tensor.SerializeToString(), "input_0.pb").verdict is Verdict.CLEAN


def test_a_tree_whose_weights_lie_beside_the_model_is_clean(tmp_path: Path) -> None:
    weights = numpy_helper.from_array(np.ones((40, 50), dtype="float32"), "w")
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("MatMul", ["x", "w"], ["y"])],
        "g",
        [onnx.helper.make_tensor_value_info("x", 1, [1, 40])],
        [onnx.helper.make_tensor_value_info("y", 1, [1, 50])],
        [weights],
    )
    model = onnx.helper.make_model(graph)
    external_data_helper.convert_model_to_external_data(model, location="model.onnx.data", size_threshold=0)
    onnx.save(model, tmp_path / "model.onnx")
    report = scan(tmp_path)
    assert report.verdict is Verdict.CLEAN, report
    (tmp_path / "model.onnx.data").unlink()
    assert scan(tmp_path).verdict is Verdict.INCOMPLETE
