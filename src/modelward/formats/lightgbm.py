"""LightGBM models as text: `tree`, fields, trees, and the parameters of training. All of it is data."""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.regex import regex
from modelward.formats.facts import Malformed, Overflow
from modelward.formats.metadata_code import MAX_CHARACTERS, MetadataCode, code_in
from modelward.formats.source import Source

MAX_BYTES = 512 << 20
#: Leaves of one tree that LightGBM itself allows; its arrays are as long.
MAX_LEAVES = 1 << 17
Problem = Malformed | Overflow | MetadataCode

_FIELD = regex(rb"[A-Za-z_][\w ]*=|average_output$|end of trees$")
_IMPORTANCE = regex(rb".*=-?[0-9][0-9.e+-]*$")
_TITLES = (b"feature_importances:", b"feature importances:")
#: What a list of numbers begins with, and no value at all.
_NUMERIC = (b"", *(b"%d" % digit for digit in range(10)), b"-", b"[", b" ")
#: Arrays with one number for each leaf, and with one for each split.
_PER_LEAF = (b"leaf_value", b"leaf_count", b"leaf_weight")
_PER_SPLIT = (b"split_feature", b"threshold", b"left_child", b"right_child")


class Lines:
    """The lines of a source, one by one, without their ends."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def __iter__(self) -> Iterator[bytes]:
        rest = b""
        for chunk in self.source.chunks():
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                yield line.removesuffix(b"\r")
        if rest:
            yield rest.removesuffix(b"\r")


def problems(source: Source) -> Iterator[Problem] | None:
    """What is wrong with a model, or None if the text is not a LightGBM model throughout."""
    if source.size > MAX_BYTES:
        return None
    found: list[Problem] = []
    section, leaves, seen = "model", 0, set()
    for number, line in enumerate(Lines(source)):
        if number == 0:
            if line != b"tree":
                return None
        elif section == "model":
            key, _, value = line.partition(b"=")
            seen.add(key)
            _program(key, value, found)
            if line in _TITLES:
                section = "importances"
            elif line == b"parameters:":
                section = "parameters"
            elif line and not _FIELD.match(line):
                return None
            elif key == b"num_leaves":
                leaves = _leaves(value, found)
            elif leaves > 1 and key in _PER_LEAF + _PER_SPLIT:
                _array(key, value, leaves, found)
        elif section == "importances":
            if line == b"parameters:":
                section = "parameters"
            elif line.startswith(b"pandas_categorical:"):
                section = "end"
            elif line and not _IMPORTANCE.match(line):
                return None
        elif section == "parameters":
            if line.startswith(b"pandas_categorical:"):
                section = "end"
            elif line and not (line.startswith(b"[") or line in (b"end of parameters", b"parameters:")):
                return None
            key, _, value = line.strip(b"[]").partition(b": ")
            _program(key, value, found)
        elif line:
            return None
    return iter(found) if {b"version", b"num_class"} <= seen else None


def _program(key: bytes, value: bytes, found: list[Problem]) -> None:
    """A field that is no list of numbers, and may be a program."""
    if value[:1] not in _NUMERIC and len(value) <= MAX_CHARACTERS:
        where = f"the field {key[:80].decode('utf-8', 'replace')!r}"
        if code := code_in(where, value.decode("utf-8", "replace")):
            found.append(code)


def _leaves(value: bytes, found: list[Problem]) -> int:
    try:
        leaves = int(value[:20])
    except ValueError:
        found.append(Malformed("LightGBM", "a tree's number of leaves is no number"))
        return 0
    if not 0 <= leaves <= MAX_LEAVES:
        found.append(Overflow("LightGBM", f"a tree has {leaves} leaves"))
        return 0
    return leaves


def _array(key: bytes, value: bytes, leaves: int, found: list[Problem]) -> None:
    """An array shorter than the tree says is read past its end."""
    need = leaves - (key in _PER_SPLIT)
    have = value.count(b" ") + bool(value)
    if value and have < need:
        what = key.decode()
        found.append(Malformed("LightGBM", f"a tree of {leaves} leaves has {have} numbers in {what}"))
