"""CoreML: models, pipelines of them, networks of layers, programs in MIL (coremltools, `mlmodel/format`)."""

from __future__ import annotations

from collections.abc import Iterator

from modelward.formats.facts import EmbeddedCode, PathEscape
from modelward.formats.graph_facts import Unread
from modelward.formats.metadata_code import MAX_CHARACTERS, code_in
from modelward.formats.paths import beside, escapes
from modelward.formats.protobuf import BYTES, VARINT, Field, Message

_VERSION, _DESCRIPTION = 1, 2
_PIPELINES = {200: True, 201: True, 202: False}  # whether the pipeline lies in a field 1
_NETWORKS = frozenset({303, 403, 500})
_PROGRAM, _CUSTOM_MODEL, _LINKED, _SERIALIZED = 502, 555, 556, 3000
#: Models that are nothing but numbers and words.
_DATA = frozenset(
    {300, 301, 302, 304, 400, 401, 402, 404, 501, 560, 600, 601, 602, 603, 604, 606, 607, 609, 610, 900,
     2000, 2001, 2002, 2003, 2004, 2005, 2006}
)  # fmt: skip
_TYPES = _DATA | _NETWORKS | _PIPELINES.keys() | {_PROGRAM, _CUSTOM_MODEL, _LINKED, _SERIALIZED}
_CUSTOM_LAYER, _BRANCH, _LOOP = 500, 605, 615
_PREFIX = "@model_path/"


def is_model(roots: dict[int, list[Field]], root: Message) -> bool:
    """Whether a file has a specification's version and one of its kinds of model."""
    versions = roots.get(_VERSION, [])
    return (
        bool(versions)
        and all(entry.wire == VARINT for entry in versions)
        and any(entry.wire == BYTES for number in roots.keys() & _TYPES for entry in roots[number])
    )


def facts(root: Message, name: str, siblings: frozenset[str]) -> Iterator[object]:
    """What using a Model could do. Raises InputError, LimitExceeded."""
    for entry in root.fields():
        number = entry.number
        if entry[:2] == (_DESCRIPTION, BYTES):
            yield from _metadata(root.child(entry))
        if entry.wire != BYTES or number < min(_TYPES):
            continue
        if number in _PIPELINES:
            pipeline = root.child(entry)
            for inner in _children(pipeline, 1) if _PIPELINES[number] else (pipeline,):
                for model in _children(inner, 1):
                    yield from facts(model, name, siblings)
        elif number in _NETWORKS:
            yield from _network(root.child(entry))
        elif number == _PROGRAM:
            yield from _program(root.child(entry), name, siblings)
        elif number == _CUSTOM_MODEL:
            yield _native(root.child(entry), "the model", "a custom model")
        elif number == _LINKED:
            yield from _linked(root.child(entry))
        elif number == _SERIALIZED:
            yield Unread("it holds a serialized model of another kind, which cannot be examined")
        elif number not in _DATA:
            yield Unread(f"its model is of a kind, {number}, that this version does not know")


def _metadata(description: Message) -> Iterator[object]:
    """What an author says of a model, which some program may be meant to run."""
    for metadata in _children(description, 100):
        for entry in metadata.fields():
            if entry.wire != BYTES or entry.value > MAX_CHARACTERS:
                continue
            texts = [metadata.text(entry)]
            if entry.number == 100:
                texts = [metadata.child(entry).text(part) for part in metadata.child(entry).fields()]
            for text in texts:
                if found := code_in("the metadata", text):
                    yield found


def _children(message: Message, *numbers: int) -> Iterator[Message]:
    for entry in message.fields():
        if entry.number in numbers and entry.wire == BYTES:
            yield message.child(entry)


def _texts(message: Message, number: int) -> list[str]:
    return [message.text(entry) for entry in message.fields() if entry[:2] == (number, BYTES)]


def _native(parameters: Message, where: str, what: str) -> EmbeddedCode:
    """A class of the application that a custom layer or model names."""
    names = _texts(parameters, 10)
    return EmbeddedCode(where, what, expression=names[-1] if names else "", offset=parameters.start)


def _network(network: Message) -> Iterator[object]:
    for layer in _children(network, 1):
        label = ""
        for entry in layer.fields():
            if entry.wire != BYTES:
                continue
            if entry.number == 1:
                label = layer.text(entry)
            elif entry.number == _CUSTOM_LAYER:
                yield _native(layer.child(entry), f"layer {label!r}", "a custom layer")
            elif entry.number == _BRANCH:
                for inner in _children(layer.child(entry), 1, 2):
                    yield from _network(inner)
            elif entry.number == _LOOP:
                for inner in _children(layer.child(entry), 3, 4):
                    yield from _network(inner)


def _linked(linked: Message) -> Iterator[object]:
    """Another model, found by its name along a search path, when this one is loaded."""
    for file in _children(linked, 1):
        for entry in file.fields():
            if entry.number not in (1, 2) or entry.wire != BYTES:
                continue
            for path in _texts(file.child(entry), 1):
                parts = path.split(":") if entry.number == 2 else [path]
                for part in parts:
                    if escapes(part):
                        yield PathEscape("the linked model", part, "a model is loaded from it", entry.start)
    yield Unread("it links to another model, which is not part of it")


def _program(program: Message, name: str, siblings: frozenset[str]) -> Iterator[object]:
    paths: dict[str, int] = {}
    for function in _children(program, 2):
        for value in _children(function, 2):
            for specialization in _children(value, 3):
                for block in _children(specialization, 2):
                    yield from _block(block, paths)
    for path, offset in paths.items():
        rest = path.removeprefix(_PREFIX)
        if escapes(rest) or (rest == path and "@" in path):
            yield PathEscape("a constant", path, "its data are read from there", offset)
        elif siblings and beside(name, rest) not in siblings:
            yield Unread(f"the file {path[:80]!r}, which holds data of its constants, is not there")


def _block(block: Message, paths: dict[str, int]) -> Iterator[object]:
    for operation in _children(block, 3):
        for entry in operation.fields():
            if entry.wire != BYTES:
                continue
            if entry.number == 1:
                kind = operation.text(entry)
                if kind.startswith("custom_layer") or kind == "custom":
                    yield EmbeddedCode("the program", "a custom layer", kind, offset=entry.start)
            elif entry.number == 4:
                yield from _block(operation.child(entry), paths)
            elif entry.number == 5:
                for value in _children(operation.child(entry), 2):
                    _blobs(value, paths)
            elif entry.number == 2:
                for argument in _children(operation.child(entry), 2):
                    for binding in _children(argument, 1):
                        for value in _children(binding, 2):
                            _blobs(value, paths)


def _blobs(value: Message, paths: dict[str, int]) -> None:
    """Note the file of a value whose data lie in one."""
    for entry in value.fields():
        if entry[:2] == (5, BYTES):
            blob = value.child(entry)
            for path in _texts(blob, 1):
                paths.setdefault(path, entry.start)
