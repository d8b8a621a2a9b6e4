"""A profile as one HTML page: no script, nothing fetched, every word of the data escaped.

The page forbids by its own policy all but its one style sheet, which the policy names by hash.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from modelward import __version__
from modelward.core.escape import escape
from modelward.data.profile import facts
from modelward.data.profile.findings import RULES, percent
from modelward.render import profile_charts
from modelward.render.profile import column_line

#: Plots and columns in one page; `--json` has all.
MAX_COLUMNS = 200
MAX_BARS = 20


def page(profile: facts.Profile) -> str:
    """The whole page."""
    folder = files("modelward.render") / "templates"
    style = (folder / "scan.css").read_text("utf-8") + (folder / "profile.css").read_text("utf-8")
    # `escape` makes control and direction characters visible, autoescape keeps markup out.
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["plain"] = lambda text: escape(str(text), limit=2000)
    environment.filters["percent"] = percent
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    template = environment.from_string((folder / "profile.html").read_text("utf-8"))
    return template.render(
        style=Markup(style),  # noqa: S704  it is our own file
        policy=f"default-src 'none'; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'",
        version=__version__,
        profile=profile,
        rules=RULES,
        columns=[(column, column_line(column), _plot(column)) for column in profile.columns[:MAX_COLUMNS]],
        omitted=max(0, len(profile.columns) - MAX_COLUMNS),
        plots=list(_plots(profile)),
    )


def _plot(column: facts.Column) -> Markup:
    """The plot of one column: its values, or how its numbers or lengths are spread."""
    if column.values and len(column.values) <= MAX_BARS * 5:
        return profile_charts.bars(column.name, _counted(column.values))
    if column.numbers is not None:
        return profile_charts.histogram(f"{column.name}: numbers", column.numbers)
    if column.lengths is not None:
        return profile_charts.histogram(f"{column.name}: characters", column.lengths)
    return Markup("")


def _counted(values: tuple[facts.Value, ...]) -> list[tuple[str, float, str]]:
    return [(value.value, value.rows, f"{value.rows:,}") for value in values[:MAX_BARS]]


def _plots(profile: facts.Profile) -> Iterator[tuple[str, Markup]]:
    """A heading and a plot for whatever was measured."""
    if profile.label is not None:
        heading = f"Labels ({profile.label.column})"
        yield heading, profile_charts.bars(heading, _counted(profile.label.values))
    missing = [(column.name, column.missing / column.rows) for column in profile.columns if column.missing]
    missing.sort(key=lambda pair: -pair[1])
    if missing:
        bars = [(name, rate, percent(rate)) for name, rate in missing[:MAX_BARS]]
        yield "Missing cells", profile_charts.bars("Missing cells", bars)
    shares = [(one.value, one.rate, one.low, one.high) for one in profile.text.languages[:MAX_BARS]]
    if shares:
        yield "Languages", profile_charts.intervals("Languages", shares)
    for overlap in profile.overlaps:
        kinds = (("same row", overlap.rows), ("same words", overlap.texts), ("nearly the same", overlap.near))
        counts = [*kinds, ("a run of words", overlap.grams), ("in any way", overlap.shared)]
        heading = f"Rows of {overlap.name} among the others"
        yield heading, profile_charts.bars(heading, [(name, rows, f"{rows:,}") for name, rows in counts])
    for attribute, label in sorted({(group.attribute, group.label) for group in profile.groups})[:MAX_BARS]:
        rates = [
            (group.group, group.rate, group.low, group.high)
            for group in profile.groups
            if (group.attribute, group.label) == (attribute, label)
        ]
        heading = f"How often {label} is given, by {attribute}"
        yield heading, profile_charts.intervals(heading, rates[:MAX_BARS])
    moved = [
        (f"{drift.column} {drift.measure}".strip(), abs(drift.effect), f"{abs(drift.effect):.3f}")
        for drift in sorted(profile.drifts, key=lambda drift: -abs(drift.effect))
        if drift.measure != "columns"
    ]
    if moved:
        yield "Drift by column, as an effect", profile_charts.bars("Drift by column", moved[:MAX_BARS])
