"""Protocol buffers: which schemas fit a file, by its structure, and what each of them makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.protobuf import BYTES, Field, Message
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading
from modelward.scan.readers.graph import show

Roots = dict[int, list[Field]]
Fits = Callable[[Roots, Message], bool]
Facts = Callable[[Message, str, frozenset[str]], Iterator[object]]

#: Bytes of text without control characters.
_TEXT = b"\t\n\r" + bytes(range(0x20, 0x7F)) + bytes(range(0x80, 0x100))
#: Fields of one number that are kept for telling the schemas apart.
_KEPT = 200
#: Name in reports, module of `modelward.formats`, whether it fits, its facts. Every one that fits is read.
_SCHEMAS = (
    ("ONNX", "onnx", "is_model", "facts"),
    ("TensorFlow SavedModel", "tensorflow", "is_saved_model", "saved_model"),
    ("TensorFlow MetaGraph", "tensorflow", "is_meta_graph", "meta_graph"),
    ("TensorFlow graph", "tensorflow", "is_graph", "graph"),
    ("CoreML", "coreml", "is_model", "facts"),
    ("PaddlePaddle", "paddle", "is_program", "facts"),
    ("Keras metadata", "tensorflow_saved", "is_keras_metadata", "keras_metadata"),
    ("SentencePiece", "sentencepiece", "is_model", "facts"),
    ("Caffe", "caffe", "is_network", "facts"),
    ("TensorFlow fingerprint", "tensorflow_saved", "is_fingerprint", "nothing"),
    ("ONNX tensor", "onnx", "is_tensor", "tensor"),
)


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Read a file as every schema that fits it. None where none does."""
    root = Message(source)
    roots, broken = _roots(root)
    if not roots or (broken and not source.read(0, 256).translate(None, _TEXT)):
        return None  # text, which may look like a field or two: the schemas are not even loaded for it
    fitting = [schema for schema in _SCHEMAS if _fits(schema, roots, root)]
    if not fitting:
        return None
    reading = Reading("+".join(schema[0] for schema in fitting), problem=broken)
    reading.whole = not broken
    for _, module, _, name in fitting:
        facts: Facts = getattr(import_module(f"modelward.formats.{module}"), name)
        show(facts(root, place.name, place.siblings), reading, source, place, examination)
    return reading


def _roots(root: Message) -> tuple[Roots, str]:
    """The fields of a file by their number, up to where it breaks off, and why it does."""
    found: Roots = {}
    try:
        for entry in root.fields():
            kept = found.setdefault(entry.number, [])
            if len(kept) < _KEPT:
                kept.append(entry)
            elif entry.wire != BYTES:
                return {}, ""  # no schema repeats a number this often: these are blanks, or zeros
    except LimitExceeded:
        raise
    except InputError as error:
        return found, error.message
    return found, ""


@cache
def _test(module: str, name: str) -> Fits:
    found: Fits = getattr(import_module(f"modelward.formats.{module}"), name)
    return found


def _fits(schema: tuple[str, str, str, str], roots: Roots, root: Message) -> bool:
    _, module, name, _ = schema
    try:
        return _test(module, name)(roots, root)
    except InputError:
        return False
