"""A file breaks the rules of its own format

A header that does not add up, a part that lies over another, a field of the wrong type: readers of such a
file differ in what they make of it, and what a check saw may not be what is loaded. It may also be plain
damage.

## What to do

Fetch the file again and compare its digest with the publisher's. If it is the same, ask the publisher to
write it again with an up-to-date library.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.facts import Malformed
from modelward.scan.hits import Hit

SEVERITY = Severity.WARNING
CONSUMES = Malformed


def check(fact: Malformed) -> Iterator[Hit]:
    """Any breach of a format's rules."""
    yield Hit(
        f"this is not a sound {fact.format} file: {fact.message}",
        key=fact.message,
        offset=fact.offset,
        fix="fetch it again, and compare its digest with the publisher's",
    )
