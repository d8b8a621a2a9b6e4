"""A key or token was left in a file

The file holds something of the exact form of an access token or a private key. It does not make the model
dangerous to whoever loads it. Its owner should know: whoever has the file can use it.

## What to do

Revoke it where it was issued, then remove it from the file and from the repository's history.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.secrets import Secret
from modelward.scan.hits import Hit

SEVERITY = Severity.NOTE
CONSUMES = Secret


def check(fact: Secret) -> Iterator[Hit]:
    """Any key or token."""
    yield Hit(
        f"line {fact.line} holds {fact.kind}",
        key=f"{fact.kind} {fact.line}",
        expression=fact.shown,
        fix="revoke it where it was issued, then remove it",
    )
