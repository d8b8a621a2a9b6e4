"""Programs that open this archive may see different members

A zip file tells of each member twice, in a local header before its data and in the central directory at
the end, and readers differ in which they believe. Names or sizes that differ, members that only one of
the two knows, two members of one name, bytes before, between or after the parts, odd flags: each has
been used to show a scanner one file and the loader another. All members found in either way are
examined.

## What to do

Unpack the archive with the program you trust, check what comes out, and pack it again.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.zip import Anomaly
from modelward.scan.hits import Hit

SEVERITY = Severity.WARNING
CONSUMES = Anomaly


def check(fact: Anomaly) -> Iterator[Hit]:
    """Any anomaly but a name that is unsafe to extract."""
    if not fact.unsafe:
        yield Hit(
            f"this archive can be read in more than one way: {fact.message}",
            key=fact.message,
            offset=fact.offset,
            fix="do not load it; ask the publisher to pack it again",
        )
