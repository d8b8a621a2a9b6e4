"""One file is several formats at once

The same bytes are a whole file of two formats that loaders read, so what is loaded depends on the program
that does it. Each reading has been examined; no program writes such a file by accident.

## What to do

Do not load the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.identify import Polyglot
from modelward.scan.hits import Hit

SEVERITY = Severity.WARNING
CONSUMES = Polyglot


def check(fact: Polyglot) -> Iterator[Hit]:
    """More than one format."""
    names = " and ".join(fact.formats)
    yield Hit(f"this file is {names} at once", key=names, fix="do not load it; ask the publisher what it is")
