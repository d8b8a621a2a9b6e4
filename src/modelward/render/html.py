"""A scan's report as one HTML page: no script, nothing fetched, every word of the artifact escaped.

The page forbids by its own policy all but its one style sheet, which the policy names by hash.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from modelward import __version__
from modelward.core.escape import escape
from modelward.core.finding import Severity
from modelward.render.examined import Examined, worst
from modelward.scan.rules import RULES

#: Rows of the ledger in one page; `--format json` has all of them.
MAX_ROWS = 20_000


def report(examined: Sequence[Examined], code: int) -> str:
    """The whole page; `code` is the exit code. `examined` is not empty."""
    folder = files("modelward.render") / "templates"
    style = (folder / "scan.css").read_text("utf-8")
    # `escape` makes control and direction characters visible, autoescape keeps markup out.
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["plain"] = lambda text: escape(str(text), limit=2000)
    template = environment.from_string((folder / "scan.html").read_text("utf-8"))
    findings = [finding for one in examined for finding in one.findings()]
    ledger = [entry for one in examined for entry in one.coverage()]
    ledger.sort(key=lambda entry: entry.examined)
    return template.render(
        style=Markup(style),  # noqa: S704  it is our own file
        policy=f"default-src 'none'; style-src 'sha256-{_hash(style)}'; base-uri 'none'; form-action 'none'",
        version=__version__,
        ruleset=examined[0].result.ruleset,
        verdict=worst(examined).value,
        code=code,
        artifacts=examined,
        findings=findings,
        rules={finding.rule: RULES[finding.rule] for finding in findings},
        ledger=ledger[:MAX_ROWS],
        omitted=max(0, len(ledger) - MAX_ROWS),
        errors=sum(finding.severity is Severity.ERROR for finding in findings),
        warnings=sum(finding.severity is Severity.WARNING for finding in findings),
        suppressed=sum(one.result.suppressed for one in examined),
        files=sum(one.result.files for one in examined),
        whole=sum(one.result.examined for one in examined),
    )


def _hash(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
