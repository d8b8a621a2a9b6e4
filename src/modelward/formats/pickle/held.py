"""Pickles that a pickle holds as data: bytes, or text in Base64 or hexadecimal.

Data are harmless until somebody loads them, so a held pickle counts only if it is whole, and calls what no
data need.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

from modelward.core.regex import regex
from modelward.formats.budget import Budget
from modelward.formats.pickle.judge import Judged, Opinion, judge
from modelward.formats.pickle.stream import read_stream
from modelward.formats.pickle.values import Event, Kind
from modelward.formats.source import BytesSource

MAX_DEPTH = 2  # of pickles within each other
MAX_FOUND = 256  # of each form, in one search
MAX_TEXT = 1 << 20

_PROTOCOL = regex(rb"\x80[\x02-\x05]")
_BASE64 = regex(rb"gA[I-X][A-Za-z0-9+/_-]{13,%d}" % MAX_TEXT)
_HEX = regex(rb"800[2-5][0-9A-Fa-f]{20,%d}" % MAX_TEXT)
#: Width of the length -> instructions that such a constant begins with.
_BYTES = {1: b"CU", 4: b"BT", 8: b"\x8e\x96"}
_TEXT = {1: b"\x8c", 4: b"X", 8: b"\x8d"}
_STOP = b"."


class HeldPickle(Struct, frozen=True):
    """A whole pickle at an offset of another one, in some form; `act` is the worst that it does."""

    offset: int
    form: str
    act: Judged


def held_pickles(data: bytes, budget: Budget, depth: int = 0) -> Iterator[HeldPickle]:
    """The pickles among the constants of `data`, instructions of a pickle, that call what no data need."""
    for offset, form, content in _constants(data):
        act = _worst(content, budget)
        if act is not None:
            yield HeldPickle(offset, form, act)
        elif depth + 1 < MAX_DEPTH:
            inner = next(held_pickles(content, budget, depth + 1), None)
            if inner is not None:
                yield HeldPickle(offset, form, inner.act)


def _constants(data: bytes) -> Iterator[tuple[int, str, bytes]]:
    """What may be a pickle: where it is, how it is written, and the pickle."""
    for match in islice(_PROTOCOL.finditer(data, 1), MAX_FOUND):
        at = match.start()
        content = _constant(data, at, _BYTES)
        if not content and data[at - 1] == 0xC2:  # Latin-1 as text, as protocol 2 writes bytes
            content = _latin(_constant(data, at - 1, _TEXT))
        if content.endswith(_STOP):
            yield at, "bytes", content
    for match in islice(_BASE64.finditer(data), MAX_FOUND):
        yield match.start(), "Base64", _from_base64(match[0])
    for match in islice(_HEX.finditer(data), MAX_FOUND):
        yield match.start(), "hexadecimal", bytes.fromhex(match[0][: len(match[0]) & ~1].decode("ascii"))


def _constant(data: bytes, at: int, instructions: dict[int, bytes]) -> bytes:
    """The constant whose content begins at `at`, or nothing."""
    for width, codes in instructions.items():
        begin = at - width
        if begin > 0 and data[begin - 1] in codes:
            length = int.from_bytes(data[begin:at], "little")
            if 3 < length <= len(data) - at:
                return data[at : at + length]
    return b""


def _latin(content: bytes) -> bytes:
    try:
        return content.decode("utf-8").encode("latin-1")
    except UnicodeError:
        return b""


def _from_base64(text: bytes) -> bytes:
    whole = text[: len(text) & ~3] if len(text) % 4 == 1 else text + b"=" * (-len(text) % 4)
    try:
        return base64.b64decode(whole.translate(bytes.maketrans(b"-_", b"+/")))
    except binascii.Error:
        return b""


def _worst(content: bytes, budget: Budget) -> Judged | None:
    """The worst that a pickle does, if it is whole and does anything that counts."""
    acts: list[Judged] = []

    def notice(event: Event) -> None:
        judgement = judge(event)
        if judgement.opinion in _BAD or (judgement.opinion is Opinion.UNKNOWN and event.kind is Kind.CALL):
            acts.append(Judged(event, judgement))

    if read_stream(BytesSource(content), 0, notice, budget).trouble:
        return None
    return max(acts, key=_gravity, default=None)


def _gravity(act: Judged) -> tuple[bool, bool]:
    return act.judgement.opinion in _BAD, act.event.kind is Kind.CALL


_BAD = (Opinion.SINK, Opinion.SUSPICIOUS, Opinion.CHANGES_GLOBAL)
