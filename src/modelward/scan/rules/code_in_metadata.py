"""A model's metadata hold a program

One value of the metadata is, as a whole, Python code or a command that runs programs. No loader known to us
runs it, which is why this is no error; but a description, a name or a parameter has no reason to be a
program, and some script beside the model may hand it to `eval` or to a shell.

A text that only mentions a command is never reported, nor are the words of a vocabulary.

## What to do

Look for what reads this field before you use the model. Ask the publisher why it is there.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Confidence, Severity
from modelward.formats.metadata_code import MetadataCode
from modelward.scan.hits import Hit

SEVERITY = Severity.WARNING
CONSUMES = MetadataCode


def check(fact: MetadataCode) -> Iterator[Hit]:
    """A value that is a program."""
    shown = fact.value if len(fact.value) <= 120 else fact.value[:119] + "…"
    yield Hit(
        f"{fact.where} is code, which {fact.harm}",
        key=fact.where,
        expression=shown,
        fix="look for what reads this field before you use the model",
        confidence=Confidence.MEDIUM,
    )
