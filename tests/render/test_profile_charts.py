"""Plots: well-formed, nothing but shapes and text, whatever the data is called."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest
from markupsafe import Markup

from modelward.data.profile import facts
from modelward.render.profile_charts import bars, histogram, intervals

HOSTILE = "<script>alert(1)</script>\" onload='x' \x1b]]>&amp;"


def numbers(*quantiles: float) -> facts.Numbers:
    return facts.Numbers(count=101, min=quantiles[0], max=quantiles[-1], mean=None, quantiles=quantiles)


@pytest.mark.parametrize(
    "plot",
    [
        bars(HOSTILE, [(HOSTILE, 3, HOSTILE), ("b", 0, "0")]),
        bars("none", []),
        intervals(HOSTILE, [(HOSTILE, 0.5, 0.4, 0.6)]),
        histogram(HOSTILE, numbers(*map(float, range(101)))),
    ],
)
def test_plots_are_shapes_and_escaped_text(plot: Markup) -> None:
    root = ElementTree.fromstring(plot)
    assert {part.tag for part in root.iter()} <= {"svg", "rect", "text", "line", "circle"}
    for part in root.iter():
        assert set(part.attrib) <= {
            *("viewBox", "role", "aria-label", "class", "x", "y", "width", "height", "text-anchor"),
            *("x1", "y1", "x2", "y2", "cx", "cy", "r"),
        }


def test_each_percent_of_the_rows_is_laid_where_it_lies() -> None:
    root = ElementTree.fromstring(histogram("n", numbers(*[0.0] * 100, 40.0)))
    heights = [float(part.attrib["height"]) for part in root.iter("rect")]
    assert heights[0] == max(heights)
    assert len(heights) == 40
    assert heights[0] > 50 * heights[20]


def test_numbers_that_are_all_the_same_have_no_plot() -> None:
    assert histogram("n", numbers(*[1.0] * 101)) == ""
