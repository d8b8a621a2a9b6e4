"""A file holds code that does harm when it is loaded or used

Many formats can hold code: a Keras Lambda layer, a TorchScript method, a notebook cell, a Python module
beside the weights, a start-up file. This code runs commands, reaches other files or the network, or
hides what it does, which no model needs.

## What to do

Do not load or run it. If you have, treat the machine as compromised.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.facts import EmbeddedCode
from modelward.scan.hits import Hit

SEVERITY = Severity.ERROR
CONSUMES = EmbeddedCode


def check(fact: EmbeddedCode) -> Iterator[Hit]:
    """Code whose harm is known."""
    if fact.harm is not None:
        yield Hit(
            f"{fact.what} {fact.harm}",
            key=f"{fact.where} {fact.expression} {fact.harm}",
            offset=fact.offset,
            expression=fact.expression or None,
            label=fact.where,
            fix="do not load or run it",
        )
