"""A file holds code that could not be judged

Loading or using this file runs code that it holds or names: a Lambda layer, a custom operation, a native
library, a module that is imported by name. Nothing in it is known to be harmful, and nothing shows that it
is harmless either.

## What to do

Read the code before you load the file, or ask the publisher for a format that holds none.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.facts import EmbeddedCode
from modelward.scan.hits import Hit

SEVERITY = Severity.WARNING
CONSUMES = EmbeddedCode


def check(fact: EmbeddedCode) -> Iterator[Hit]:
    """Code whose effect is not known."""
    if fact.harm is None:
        yield Hit(
            f"{fact.what} runs code that could not be judged",
            key=f"{fact.where} {fact.expression}",
            offset=fact.offset,
            expression=fact.expression or None,
            label=fact.where,
            fix="read the code, or ask the publisher for a format that holds none",
        )
