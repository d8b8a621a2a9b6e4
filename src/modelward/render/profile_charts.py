"""Plots as inline SVG: no script, no style of their own, every word escaped by markupsafe.

Colours and fonts come from the page's style sheet by class. Sizes are in SVG user units.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from modelward.core.escape import escape
from modelward.data.profile import facts
from modelward.data.profile.findings import percent

WIDTH = 640
ROW = 22
_NAME = 200
_VALUE = 110
_BINS = 40
_HEIGHT = 120


def bars(title: str, entries: Sequence[tuple[str, float, str]]) -> Markup:
    """Horizontal bars: of each entry the name, the length, and the words beside it."""
    longest = max((length for _, length, _ in entries), default=0) or 1
    scale = (WIDTH - _NAME - _VALUE) / longest
    parts = []
    for at, (name, length, words) in enumerate(entries):
        y = at * ROW
        width = max(length * scale, 1 if length else 0)
        parts.append(_text(_NAME - 8, y + 15, name, "end"))
        parts.append(
            Markup('<rect class="bar" x="{}" y="{}" width="{:.1f}" height="{}"/>').format(
                _NAME, y + 3, width, ROW - 6
            )
        )
        parts.append(_text(_NAME + width + 6, y + 15, words))
    return _svg(title, len(entries) * ROW, parts)


def intervals(title: str, shares: Sequence[tuple[str, float, float, float]]) -> Markup:
    """Rates with their 95% intervals, on one scale from 0 to 1."""
    scale = WIDTH - _NAME - _VALUE
    parts = [
        _line(_NAME, 0, _NAME, len(shares) * ROW, "axis"),
        _line(_NAME + scale, 0, _NAME + scale, len(shares) * ROW, "axis"),
    ]
    for at, (name, rate, low, high) in enumerate(shares):
        y = at * ROW + ROW / 2
        parts.append(_text(_NAME - 8, y + 4, name, "end"))
        parts.append(_line(_NAME + low * scale, y, _NAME + high * scale, y, "whisker"))
        parts.append(
            Markup('<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="4"/>').format(_NAME + rate * scale, y)
        )
        parts.append(_text(_NAME + scale + 8, y + 4, percent(rate)))
    return _svg(title, len(shares) * ROW, parts)


def histogram(title: str, numbers: facts.Numbers) -> Markup:
    """How numbers are spread, from their quantiles: each percent of the rows is laid where it lies."""
    low, high = numbers.quantiles[0], numbers.quantiles[-1]
    if not high > low:
        return Markup("")
    heights = [0.0] * _BINS
    width = (high - low) / _BINS
    for left, right in zip(numbers.quantiles, numbers.quantiles[1:], strict=False):
        _lay(heights, (left - low) / width, (right - low) / width)
    top = max(heights)
    step = WIDTH / _BINS
    parts = [
        Markup('<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
            at * step, _HEIGHT * (1 - height / top), step - 1, _HEIGHT * height / top
        )
        for at, height in enumerate(heights)
        if height
    ]
    parts.append(_line(0, _HEIGHT, WIDTH, _HEIGHT, "axis"))
    parts += [_text(0, _HEIGHT + 16, f"{low:g}"), _text(WIDTH, _HEIGHT + 16, f"{high:g}", "end")]
    return _svg(title, _HEIGHT + 22, parts)


def _lay(heights: list[float], left: float, right: float) -> None:
    """Spread one percent evenly over the bins from `left` to `right`."""
    first, last = min(int(left), _BINS - 1), min(int(right), _BINS - 1)
    if first == last:
        heights[first] += 1
        return
    for at in range(first, last + 1):
        heights[at] += (min(right, at + 1) - max(left, at)) / (right - left)


def _svg(title: str, height: float, parts: Iterable[Markup]) -> Markup:
    return Markup('<svg viewBox="0 0 {} {:.0f}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, height, escape(title, limit=200), Markup("").join(parts)
    )


def _text(x: float, y: float, words: str, anchor: str = "start") -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        x, y, anchor, escape(words, limit=28)
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return Markup('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(
        kind, x1, y1, x2, y2
    )
