from __future__ import annotations

from typing import Any

import pytest
from tests.formats.assemble_graph import (
    flatbuffer,
    flex_options,
    flexbuffer,
    message,
    text_tensor,
    tf_node,
    tflite,
)
from tests.scan.examine import rules


def flex(called: str, options: bytes, *paths: str, behind: bool = False) -> bytes:
    """A model of one operator, whose inputs are texts of the model."""
    tensors = [{0: (4, 1), 1: 5, 2: index + 1, 3: "t"} for index in range(len(paths))]
    operator: dict[int, Any] = {0: 0, 1: (4, *range(len(paths))), 2: (4,)}
    if behind:
        operator |= {9: 2, 10: len(options)}
    else:
        operator |= {5: options}
    graph = {0: tensors, 1: (4,), 2: (4,), 3: [operator], 4: "main"}
    buffers: list[dict[int, Any]] = [{}, *({0: text_tensor(path)} for path in paths)]
    fields = {0: 3, 1: [{0: 32, 1: called, 3: 32}], 2: [graph], 4: buffers}
    data = flatbuffer(b"TFL3", fields)
    if behind:
        data += bytes(-len(data) % 8)
        fields[2] = [graph | {3: [operator | {9: len(data)}]}]
        data = flatbuffer(b"TFL3", fields).ljust(len(data), b"\0") + options
    return data


def printed(stream: str) -> bytes:
    return flex_options("PrintV2", output_stream=message((2, stream)))


@pytest.mark.parametrize("stream", ["file:///home/x/.bashrc", "/root/.profile"])
def test_a_message_printed_into_a_file_is_an_attack(stream: str) -> None:
    assert rules(flex("FlexPrintV2", printed(stream))) == ["tensorflow-unsafe-operation"]


@pytest.mark.parametrize("stream", ["stderr", "stdout", "log(info)"])
def test_a_message_printed_for_people_is_ordinary(stream: str) -> None:
    assert rules(flex("FlexPrintV2", printed(stream))) == []


def test_a_word_in_the_name_of_a_node_is_no_file() -> None:
    options = flexbuffer(b"PrintV2", tf_node("file:///x", "PrintV2", output_stream=message((2, "stderr"))))
    assert rules(flex("FlexPrintV2", options)) == []


def test_a_file_that_an_attribute_reads_is_not_called_written() -> None:
    options = flex_options("FixedUnigramCandidateSampler", vocab_file=message((2, "/etc/passwd")))
    assert rules(flex("FlexFixedUnigramCandidateSampler", options)) == ["path-escape"]
    none = flex_options("FixedUnigramCandidateSampler", vocab_file=message((2, "")))
    assert rules(flex("FlexFixedUnigramCandidateSampler", none)) == []


def test_an_operator_that_runs_another_operation_than_it_is_called_is_seen_through() -> None:
    assert rules(flex("FlexErf", flex_options("WriteFile"))) == ["malformed", "tensorflow-unsafe-operation"]
    assert rules(flex("FlexWriteFile", flex_options("Erf"))) == ["malformed", "tensorflow-unsafe-operation"]
    assert rules(flex("FlexErf", flex_options("Erf"))) == []


def test_options_behind_the_flatbuffer_are_read() -> None:
    options = printed("file:///home/x/.bashrc")
    assert rules(flex("FlexPrintV2", options, behind=True)) == ["tensorflow-unsafe-operation"]
    assert rules(flex("FlexPrintV2", printed("stderr"), behind=True)) == []


def test_options_that_cannot_be_read_are_told() -> None:
    assert rules(flex("FlexPrintV2", b"..file:///tmp/x..")) == ["malformed"]
    assert rules(flex("FlexPrintV2", flexbuffer(b"PrintV2", b"\xff"))) == ["malformed"]


def test_a_path_among_the_texts_of_the_model_is_followed() -> None:
    options = flex_options("TextLineDataset")
    assert rules(flex("FlexTextLineDataset", options, "/etc/passwd")) == ["path-escape"]
    assert rules(flex("FlexTextLineDataset", options, "rows.txt")) == []
    assert rules(flex("FlexRestoreV2", flex_options("RestoreV2"), "/root/.ssh/id_rsa", "w")) == [
        "path-escape"
    ]


def test_a_path_is_followed_through_operators_between() -> None:
    tensors = [{0: (4, 1), 1: 5, 2: 1, 3: "a"}, {0: (4, 1), 1: 5, 2: 0, 3: "b"}]
    join = {0: 0, 1: (4, 0, -1), 2: (4, 1)}
    read = {0: 1, 1: (4, 1), 2: (4,), 5: flex_options("TextLineDataset")}
    codes = [{0: 45, 3: 45}, {0: 32, 1: "FlexTextLineDataset", 3: 32}]
    graph = {0: tensors, 1: (4,), 2: (4,), 3: [join, read], 4: "main"}
    for path, expected in (("/etc/passwd", ["path-escape"]), ("rows.txt", [])):
        parts = {1: codes, 2: [graph], 4: [{}, {0: text_tensor("x", path)}]}
        assert rules(tflite(model=parts)) == expected


@pytest.mark.parametrize("content", [b"", b"\1\0\0\0", b"\xff" * 12, text_tensor("a")[:8] + b"\1"])
def test_texts_that_are_none_are_passed_over(content: bytes) -> None:
    data = flex("FlexTextLineDataset", flex_options("TextLineDataset"), "x" * 20)
    whole = text_tensor("x" * 20)
    assert rules(data.replace(whole, content.ljust(len(whole), b"\xff"))) == []
