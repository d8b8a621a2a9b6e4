"""A chat template could not be read

What a chat template does is told from its syntax tree. This one is not Jinja as models use it, or too large
or too deep to be read, so that nobody can say what it does.

## What to do

Look at the template, or pass your own when you load the model.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.chat_template_facts import TemplateUnread
from modelward.scan.hits import Hit

SEVERITY = Severity.WARNING
CONSUMES = TemplateUnread


def check(fact: TemplateUnread) -> Iterator[Hit]:
    """Any template that was not read."""
    yield Hit(
        f"the chat template could not be read: {fact.reason}",
        key=f"{fact.where} {fact.reason}",
        label=fact.where or None,
        fix="look at the template, or pass your own",
    )
