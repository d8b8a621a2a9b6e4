from __future__ import annotations

import random
import zipfile
from io import BytesIO
from typing import Any

import pytest
from tests.formats.assemble_graph import tflite
from tests.formats.gather import kinds
from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict
from modelward.formats.flatbuffer import Buffer
from modelward.formats.source import BytesSource
from modelward.formats.tflite import facts


def found(siblings: frozenset[str] = frozenset(), **parts: Any) -> list[str]:
    return kinds(facts(Buffer(BytesSource(tflite(**parts))), "model.tflite", siblings))


def custom(name: str) -> dict[int, Any]:
    return {0: 32, 1: name, 3: 32}


def test_a_sound_model_is_clean() -> None:
    report = examine(tflite(), "model.tflite")
    assert (report.verdict, report.coverage[0].format) == (Verdict.CLEAN, "TensorFlow Lite")


def test_labels_in_a_zip_behind_the_model_are_ordinary() -> None:
    packed, appended = BytesIO(), BytesIO(tflite())
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("labels.txt", "cat\ndog\n")
    with zipfile.ZipFile(appended, "a") as archive:
        archive.writestr("labels.txt", "cat\ndog\n")
    for data in (tflite() + packed.getvalue(), appended.getvalue()):
        report = examine(data, "model.tflite")
        assert report.verdict is Verdict.CLEAN, report
        assert "model.tflite!labels.txt" in [entry.path for entry in report.coverage]


def test_a_pickle_in_a_zip_behind_the_model_is_found() -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("labels.pkl", b"cposix\nsystem\n(S'id'\ntR.")
    assert examine(tflite() + packed.getvalue(), "model.tflite").verdict is Verdict.MALICIOUS


@pytest.mark.parametrize("shape", [(-5, 4), (1 << 16, 1 << 16), (1 << 30, 4, 4), (1000,)])
def test_shapes_that_overflow_are_an_attack(shape: tuple[int, ...]) -> None:
    assert found(shape=shape) == ["Overflow"]
    assert rules(tflite(shape=shape)) == ["header-overflow"]


def test_a_shape_that_leaves_data_over_is_odd() -> None:
    assert found(shape=(1,)) == ["Malformed"]


@pytest.mark.parametrize(
    "parts",
    [
        {"operator": {0: 77}},
        {"operator": {1: (4, 1, 99)}},
        {"operator": {2: (4, -9)}},
        {"model": {4: [{}]}},
        {"model": {4: [{}, {1: 1 << 63, 2: 16}]}},
        {"model": {6: [{0: "meta", 1: 50}]}},
        {"model": {7: [{4: 9}]}},
    ],
)
def test_indices_of_what_is_not_there_are_an_attack(parts: dict[str, Any]) -> None:
    assert set(found(**parts)) == {"Overflow"}


@pytest.mark.parametrize("name", ["TFLite_Detection_PostProcess", "TFText>WhitespaceTokenize", "FlexErf"])
def test_operators_of_known_libraries_are_ordinary(name: str) -> None:
    assert found(code=custom(name)) == []


def test_an_operator_of_another_library_is_unverified() -> None:
    assert rules(tflite(code=custom("EvilOp"))) == ["embedded-code"]
    assert rules(tflite(code=custom("FlexEvilOp"))) == ["tensorflow-custom-operation"]


@pytest.mark.parametrize("name", ["FlexReadFile", "FlexWriteFile", "FlexEagerPyFunc"])
def test_operations_of_tensorflow_that_reach_out_are_attacks(name: str) -> None:
    assert rules(tflite(code=custom(name))) == ["tensorflow-unsafe-operation"]


def test_weights_in_another_file_lie_beside_the_model() -> None:
    assert found(model={8: [{0: "../../etc/passwd"}]}) == ["PathEscape"]
    siblings = frozenset({"model.tflite", "w.bin"})
    assert found(siblings, model={8: [{0: "w.bin"}]}) == []
    assert found(siblings, model={8: [{0: "x.bin"}]}) == ["Unread"]


def test_a_model_that_breaks_off_is_incomplete() -> None:
    data = tflite(content=bytes(16))
    assert examine(data[: len(data) - 12]).verdict is Verdict.INCOMPLETE
    assert examine(b"\xf0\xff\xff\xffTFL3" + bytes(60)).verdict is Verdict.MALICIOUS


def test_no_change_to_a_model_crashes_the_reader() -> None:
    data = tflite(code=custom("FlexPrintV2"), model={6: [{0: "m", 1: 1}]})
    chance = random.Random(1)
    for _ in range(500):
        changed = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        changed[4:8] = b"TFL3"
        examine(bytes(changed[: chance.randint(len(changed) // 2, len(changed))]))
