from __future__ import annotations

from tests.formats.assemble_graph import message
from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict


def network(*layers: bytes) -> bytes:
    convolution = message((1, "conv1"), (2, "Convolution"), (7, message((5, b"\0\0\0\0"))))
    return message((1, "net"), (100, [convolution, *layers]))


def test_a_sound_network_is_clean() -> None:
    report = examine(network(), "net.caffemodel")
    assert (report.verdict, report.coverage[0].format) == (Verdict.CLEAN, "Caffe")


def test_a_layer_of_python_code_is_unverified() -> None:
    layer = message((1, "evil"), (2, "Python"), (130, message((1, "evil_module"), (2, "Layer"))))
    assert rules(network(layer), "net.caffemodel") == ["embedded-code"]
