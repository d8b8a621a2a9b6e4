"""Programs that unpack this archive may get different files

An archive has two members of one name, members behind its end, or members that are devices or pipes rather
than files: what comes out depends on the program. All members that can be found in any way are examined.

## What to do

Unpack the archive with the program you trust, check what comes out, and pack it again.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.members import Oddity
from modelward.scan.hits import Hit

SEVERITY = Severity.WARNING
CONSUMES = Oddity


def check(fact: Oddity) -> Iterator[Hit]:
    """Anything odd about an archive."""
    yield Hit(
        f"what comes out of this {fact.format} archive depends on the program: {fact.message}",
        key=fact.message,
        offset=fact.offset,
        fix="do not unpack it; ask the publisher to pack it again",
    )
