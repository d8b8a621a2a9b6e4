"""A configuration makes the loader run code of another repository

Where `auto_map` or the like says `other/repository--module.Class`, transformers fetches that repository and
runs its code. Who owns it decides each time anew what runs, and no digest of this model says anything about
it.

## What to do

Read the code at a fixed revision and keep a copy of it beside the model, or load the model without it.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.config import CodeReference
from modelward.scan.hits import Hit

SEVERITY = Severity.WARNING
CONSUMES = CodeReference


def check(fact: CodeReference) -> Iterator[Hit]:
    """A field that names code of another repository."""
    if fact.elsewhere:
        yield Hit(
            f"this configuration names code of another repository: {fact.effect}",
            key=fact.pointer,
            expression=f"{fact.pointer}: {fact.value}",
            fix="keep a copy of the code you have read beside the model, or load the model without it",
        )
