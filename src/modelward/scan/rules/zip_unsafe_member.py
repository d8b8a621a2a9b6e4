"""A member of this archive has a name that is unsafe to extract

A member has no name, or control characters in it. Programs make different files of it, and a terminal that
shows the name can be made to show another. A member that would be written outside the archive's folder is
reported by `path-escape`.

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
    """A member whose name is unsafe to extract."""
    if fact.unsafe:
        yield Hit(fact.message, key=fact.message, offset=fact.offset, fix="do not extract this archive")
