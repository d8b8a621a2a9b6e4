from __future__ import annotations

import random
import time

import pytest
from tests.formats.assemble_graph import (
    coreml,
    message,
    onnx_model,
    onnx_node,
    paddle_operation,
    paddle_program,
    saved_model,
    sentencepiece,
    tf_graph,
    tf_node,
)
from tests.scan.examine import examine

from modelward.core.finding import Verdict
from modelward.formats.source import BytesSource
from modelward.scan.examination import Examination, Place
from modelward.scan.readers.protobuf import read


class CountingSource(BytesSource):
    bytes_read = 0

    def read(self, offset: int, length: int) -> bytes:
        data = super().read(offset, length)
        self.bytes_read += len(data)
        return data


SMALL = tf_graph(tf_node("x", "Placeholder"), tf_node("y", "Relu", "x"))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (onnx_model(onnx_node("Add")), "ONNX"),
        (saved_model(SMALL), "TensorFlow SavedModel"),
        (message((1, message((4, "serve"))), (2, SMALL)), "TensorFlow MetaGraph"),
        (SMALL, "TensorFlow graph"),
        (coreml(900, message((1, 1))), "CoreML"),
        (paddle_program(paddle_operation("relu")), "PaddlePaddle"),
        (sentencepiece(), "SentencePiece"),
    ],
)
def test_each_schema_is_known_by_its_structure_whatever_the_name(data: bytes, kind: str) -> None:
    report = examine(data, "weights.dat")
    assert [(entry.format, entry.examined) for entry in report.coverage] == [(kind, True)]
    assert report.verdict is Verdict.CLEAN


def test_fields_may_come_in_any_order_and_others_among_them() -> None:
    evil = tf_graph(tf_node("evil", "PyFunc"))
    data = message((900, "unknown"), (2, message((77, 5), (2, evil), (1, b""))), (1, 1))
    assert examine(data, "saved_model.pb").verdict is Verdict.MALICIOUS


def test_a_graph_within_another_schema_is_read_as_both() -> None:
    model = message((1, 10), (7, message((1, onnx_node("Add")))), (8, message((2, 21))))
    data = model + message((1, tf_node("evil", "WriteFile", "a", "b")), (4, b""))
    report = examine(data, "model.onnx")
    assert report.verdict is Verdict.MALICIOUS
    assert report.coverage[0].format == "ONNX+TensorFlow graph"


@pytest.mark.parametrize(
    "text",
    [
        b'"""A module."""\nimport os\n' * 50,
        b"\nabc def\n" * 200,
        b"bla bla " * 300,
        b"x = 1\r\n" * 900,
        b"\n\x02" * 99,
    ],
)
def test_text_is_told_apart_at_once(text: bytes) -> None:
    examination, place = Examination(), Place("a", "a")
    started = time.perf_counter()
    for _ in range(200):
        assert read(BytesSource(text), place, examination) is None
    assert (time.perf_counter() - started) / 200 < 0.02


def test_no_bytes_crash_or_hang_the_reader() -> None:
    chance = random.Random(1)
    tags = [8, 10, 16, 18, 26, 34, 58, 66]
    for _ in range(400):
        data = bytes(chance.choice([*tags, chance.randrange(256)]) for _ in range(chance.randint(3, 300)))
        examine(data)


def test_a_million_blanks_are_no_message() -> None:
    held = CountingSource(b"  " * (1 << 21))
    assert read(held, Place("x", "x"), Examination()) is None
    assert held.bytes_read < 1 << 20
