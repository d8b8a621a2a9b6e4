"""NetCDF's classic format: where it ends (the NetCDF Users Guide, appendix B)."""

from __future__ import annotations

import math

from modelward.core.errors import InputError
from modelward.formats.source import Source
from modelward.formats.window import Window

MAX_ITEMS = 1_000_000
_TYPE_BYTES = (1, 1, 2, 4, 4, 8)


def end(source: Source) -> int | None:
    """The end of its last variable; None if its records were not counted. Raises InputError."""
    window = Window(source, 3)
    wide = window.number(1) == 2
    records = window.number(4, "big")
    sizes = []
    for _ in range(_count(window)):
        _name(window)
        sizes.append(window.number(4, "big"))
    _attributes(window)
    last, steps, starts = 0, [], []
    for _ in range(_count(window)):
        _name(window)
        shape = [window.number(4, "big") for _ in range(_bounded(window))]
        if any(number >= len(sizes) for number in shape):
            raise InputError("a variable has a dimension that there is not")
        _attributes(window)
        width = _width(window)
        window.skip(4)  # the size, which is cut off where it is large
        begin = window.number(8 if wide else 4, "big")
        recorded = bool(shape) and not sizes[shape[0]]
        length = width * math.prod(sizes[number] for number in shape[recorded:])
        if recorded:
            steps.append(length)
            starts.append(begin)
        else:
            last = max(last, begin + _padded(length))
    if starts:
        if records == 0xFFFFFFFF:
            return None
        step = steps[0] if len(steps) == 1 else sum(map(_padded, steps))
        last = max(last, min(starts) + _padded(step * records))
    return max(last, window.at)


def _padded(length: int) -> int:
    return length + 3 & ~3


def _bounded(window: Window) -> int:
    count = window.number(4, "big")
    if count > MAX_ITEMS:
        raise InputError(f"a list has {count} items")
    return count


def _count(window: Window) -> int:
    window.skip(4)  # what the list is of
    return _bounded(window)


def _name(window: Window) -> None:
    window.skip(_padded(window.number(4, "big")))


def _width(window: Window) -> int:
    kind = window.number(4, "big")
    if not 1 <= kind <= 6:
        raise InputError(f"a value is of the kind {kind}")
    return _TYPE_BYTES[kind - 1]


def _attributes(window: Window) -> None:
    for _ in range(_count(window)):
        _name(window)
        width = _width(window)
        window.skip(_padded(width * window.number(4, "big")))
