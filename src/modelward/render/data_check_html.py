"""The report of `modelward data check` as one HTML page: no script, nothing fetched, every word escaped.

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
from modelward.data.checks.document import Document, Found
from modelward.data.profile.facts import Numbers
from modelward.render import profile_charts

#: Findings and bars in one page; `--json` has all.
MAX_FINDINGS = 100
MAX_BARS = 25

_WORDS = {"findings": "Findings", "cannot-tell": "Could not tell", "nothing-found": "Nothing found"}
_STYLE = {"findings": "error", "cannot-tell": "incomplete", "nothing-found": "clean"}


def page(document: Document) -> str:
    """The whole page."""
    folder = files("modelward.render") / "templates"
    style = (folder / "scan.css").read_text("utf-8") + (folder / "profile.css").read_text("utf-8")
    # `escape` makes control and direction characters visible, autoescape keeps markup out.
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["plain"] = lambda text: escape(str(text), limit=2000)
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    template = environment.from_string((folder / "data_check.html").read_text("utf-8"))
    shown = [found for found in document.findings if found.is_open]
    return template.render(
        style=Markup(style),  # noqa: S704  it is our own file
        policy=f"default-src 'none'; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'",
        version=__version__,
        document=document,
        data=document.data,
        words=_WORDS[document.verdict],
        word=_STYLE[document.verdict],
        critical=len(document.of("critical")),
        review=len(document.of("review")),
        information=len(document.of("information")),
        findings=[(found, _people(found)) for found in shown[:MAX_FINDINGS]],
        omitted=max(0, len(shown) - MAX_FINDINGS),
        quiet=document.quiet,
        informed=document.of("information")[:MAX_FINDINGS],
        plots=list(_plots(document)),
    )


def _people(found: Found) -> Markup:
    bars = [(one.name, float(one.rows), f"{one.rows:,}") for one in found.contributors[:MAX_BARS]]
    return profile_charts.bars(f"Rows of {found.trigger} by contributor", bars)


def _plots(document: Document) -> Iterator[tuple[str, Markup]]:
    """A heading and a plot for whatever there is."""
    shown = [found for found in document.findings if found.is_open and found.examples][:MAX_BARS]
    if shown:
        bars = []
        for found in shown:
            bars.append(
                (found.trigger, found.showing / found.examples, f"{found.showing / found.examples:.0%}")
            )
            bars.append(("expected", min(found.expected, 1.0), f"{found.expected:.1%}"))
        yield "Observed against expected", profile_charts.bars("Observed against expected", bars)
    power = [
        (one.behaviour, float(one.rows or 0), f"{one.rows:,}" if one.rows else "no number")
        for one in sorted(document.power, key=lambda one: -(one.rows or 1 << 62))[:MAX_BARS]
    ]
    heading = "The fewest poisoned rows that could have been found here"
    if power:
        yield heading, profile_charts.bars(heading, power)
    scores = profile_charts.histogram("Scores of the rows", _spread(document.scores))
    if scores:
        yield "Scores of the rows", scores


def _spread(scores: tuple[float, ...]) -> Numbers:
    return Numbers(count=len(scores), min=scores[0], max=scores[-1], mean=None, quantiles=scores)
