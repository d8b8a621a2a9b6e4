"""Extracting this archive writes outside its folder

A member has an absolute name, a name with `..`, a backslash or a drive in it, control characters, or is
a link. A program that extracts it may write over any file of the user, or read any.

## What to do

Do not extract the archive.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.zip import Anomaly
from modelward.scan.hits import Hit

SEVERITY = Severity.WARNING
CONSUMES = Anomaly


def check(fact: Anomaly) -> Iterator[Hit]:
    """A member whose name or kind is unsafe to extract."""
    if fact.unsafe:
        yield Hit(fact.message, key=fact.message, offset=fact.offset, fix="do not extract this archive")
