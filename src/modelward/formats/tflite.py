"""TensorFlow Lite: subgraphs of tensors and operators over buffers (tflite schema, version 3).

Interpreters trust what a verifier did not check, so every index and size is checked here: an operator's
code, a tensor's buffer, the bytes that a shape needs (CVE-2026-42627: products of dimensions that wrap).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from modelward.formats.facts import EmbeddedCode, Malformed, Overflow, PathEscape
from modelward.formats.flatbuffer import Buffer, Table, Wild
from modelward.formats.graph_facts import Unread
from modelward.formats.paths import beside, escapes

_CUSTOM = 32
#: TensorType -> bits per element.
_BITS = {
    0: 32, 1: 16, 2: 32, 3: 8, 4: 64, 6: 8, 7: 16, 8: 64, 9: 8, 10: 64, 11: 128, 12: 64, 15: 32, 16: 16,
    17: 4, 18: 16, 19: 2, 20: 4,
}  # fmt: skip
#: Custom operators of TensorFlow Lite itself, MediaPipe, TensorFlow Text, microcontrollers and accelerators.
_KNOWN = frozenset(
    {"TFLite_Detection_PostProcess", "Mfcc", "AudioSpectrogram", "NumericVerify", "RandomStandardNormal",
     "RandomUniform", "Multinomial", "HashTable", "AssignVariable", "ReadVariable", "VarHandle",
     "MaxPoolingWithArgmax2D", "MaxUnpooling2D", "Convolution2DTransposeBias", "TransformTensorBilinear",
     "TransformLandmarks", "Landmarks2TransformMatrix", "Resampler", "TFSentencepieceTokenizeOp",
     "RaggedTensorToTensor", "Ngrams", "edgetpu-custom-op", "ethos-u", "CIRCULAR_BUFFER", "Atan2", "Sign",
     "TableGather", "Roll", "Irfft2d", "Rfft2d", "BROADCAST_ARGS", "DISPATCH_OP", "AveragePool3D",
     "MaxPool3D",
     "AddN", "Complex64ToFloat32", "Imag", "Real", "ComplexAbs", "Predict", "Normalize", "ExtractFeatures"}
)  # fmt: skip
_KNOWN_PREFIXES = (
    "TFText>",
    "tftext:",
    "TFSentencepiece",
    "Signal",
    "SIGNAL_",
    "odml.",
    "stablehlo.",
    "aten.",
)
#: Operations of TensorFlow proper, which its own kernels run.
_FLEX = "Flex"
#: Elements from which on a product of dimensions no longer fits the interpreter's numbers.
_MAX_ELEMENTS = 1 << 31
_FAR = 1 << 50
_MAX_RANK = 64


def facts(buffer: Buffer, name: str, siblings: frozenset[str]) -> Iterator[object]:
    """What using a model could do, and what is wrong with it. Raises InputError, LimitExceeded."""
    try:
        yield from _model(buffer.root(), name, siblings)
    except Wild as wild:
        yield Overflow("TensorFlow Lite", wild.message)


def _model(model: Table, name: str, siblings: frozenset[str]) -> Iterator[object]:
    codes = list(model.tables(1))
    operators = [_code(code) for code in codes]
    spans: list[tuple[int, int]] = []
    for data in model.tables(4):
        yield from _buffer(data, model.buffer.source.size, spans)
    graphs = list(model.tables(2))
    for number, graph in enumerate(graphs):
        yield from _graph(graph, f"subgraph {number}", operators, spans)
    for signature in model.tables(7):
        if signature.number(4, 4) >= len(graphs):
            yield _wild("a signature is of a subgraph that is not there", signature)
    for metadata in model.tables(6):
        if metadata.number(1, 4) >= len(spans):
            yield _wild("metadata lie in a buffer that is not there", metadata)
    for group in model.tables(8):
        path = group.text(0)
        if escapes(path):
            yield PathEscape("a group of buffers", path, "weights are read from it", group.at)
        elif siblings and path and beside(name, path) not in siblings:
            yield Unread(f"the file {path[:80]!r}, which holds weights, is not there")


def _code(code: Table) -> tuple[int, str]:
    """An operator's number, and its name if it is a custom one."""
    number = max(code.number(0, 1, signed=True), code.number(3, 4, signed=True))
    return number, code.text(1) if number == _CUSTOM else ""


def _buffer(data: Table, size: int, spans: list[tuple[int, int]]) -> Iterator[object]:
    """Note where a buffer lies and its length; it may lie behind the flatbuffer."""
    offset, length = data.number(1, 8), data.number(2, 8)
    if offset <= 1 and not length:
        spans.append(data.vector(0, 1))
        return
    spans.append((offset, length))
    if offset + length >= _FAR:
        yield _wild(f"a buffer lies at byte {offset}, of {length}", data)
    elif offset + length > size:
        yield Unread(f"it breaks off: a buffer reaches to byte {offset + length}")


def _graph(
    graph: Table, where: str, operators: list[tuple[int, str]], spans: list[tuple[int, int]]
) -> Iterator[object]:
    tensors = graph.count(0)
    for number, tensor in enumerate(graph.tables(0)):
        yield from _tensor(tensor, f"tensor {number} of {where}", spans)
    for field, what in ((1, "an input"), (2, "an output")):
        if any(not -1 <= index < tensors for index in graph.numbers(field)):
            yield _wild(f"{what} of {where} is a tensor that is not there", graph)
    flex, told = False, set()
    for number, operator in enumerate(graph.tables(3)):
        code = operator.number(0, 4)
        if code >= len(operators):
            yield _wild(f"operator {number} of {where} has a code that is not there", operator)
            continue
        for field in (1, 2, 8):
            if any(not -1 <= index < tensors for index in operator.numbers(field)):
                yield _wild(f"operator {number} of {where} uses a tensor that is not there", operator)
        kind, custom = operators[code]
        if kind == _CUSTOM:
            if custom.startswith(_FLEX):
                flex = True
            elif custom not in told and custom not in _KNOWN and not custom.startswith(_KNOWN_PREFIXES):
                told.add(custom)
                yield EmbeddedCode(where, f"the custom operator {custom!r}", custom, offset=operator.at)
    if flex:
        from modelward.formats import tflite_flex

        yield from tflite_flex.facts(graph, where, [name for _, name in operators], spans)


def _tensor(tensor: Table, where: str, spans: list[tuple[int, int]]) -> Iterator[object]:
    index = tensor.number(2, 4)
    if index >= len(spans) and (index or spans):
        yield _wild(f"{where} lies in a buffer that is not there", tensor)
        return
    rank = tensor.count(0)
    if rank > _MAX_RANK:
        yield _wild(f"{where} has {rank} dimensions", tensor)
        return
    shape = tensor.numbers(0)
    elements = math.prod(shape)
    bits = _BITS.get(tensor.number(1, 1))
    held = spans[index][1] if spans else 0
    if any(size < -1 for size in shape):
        yield _wild(f"{where} has a dimension below zero", tensor)
    elif elements >= _MAX_ELEMENTS:
        yield _wild(f"the dimensions of {where} overflow: {elements} elements", tensor)
    elif index and held and bits is not None and -1 not in shape and tensor.place(6) is None:
        needed = (elements * bits + 7) // 8
        if needed > held:
            yield _wild(f"{where} needs {needed} bytes and its buffer has {held}", tensor)
        elif needed < held:
            yield Malformed("TensorFlow Lite", f"{where} needs {needed} of {held} bytes", tensor.at)


def _wild(message: str, table: Table) -> Overflow:
    return Overflow("TensorFlow Lite", message, table.at)
