"""A torch checkpoint's storages are not what its pickle says

The pickle names each storage with its type and number of elements; the bytes lie beside it. Here a
storage is missing, or has another size, or is named with two sizes. Some versions of torch believe the
pickle and read or write past the end of the memory that holds the bytes (CVE-2026-24747).

## What to do

Fetch the file again, and compare its digest with the publisher's.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.torch import StorageProblem
from modelward.scan.hits import Hit

SEVERITY = Severity.WARNING
CONSUMES = StorageProblem


def check(fact: StorageProblem) -> Iterator[Hit]:
    """Any problem of a storage."""
    yield Hit(
        f"this checkpoint contradicts itself: {fact.message}",
        key=fact.message,
        fix="fetch it again; it is cut short, damaged or made to mislead",
    )
