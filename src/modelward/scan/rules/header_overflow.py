"""A header's numbers are made to overflow its reader

Sizes, counts or offsets in this file wrap around when they are multiplied or added, or reach far outside
the file. No writer makes such numbers. Native loaders that believe them allocate too little memory and then
write or read past it (GGUF: CVE-2025-53630, CVE-2026-27940, CVE-2026-33298; TFLite: CVE-2026-42627).

## What to do

Do not load the file. Ask the publisher for a sound one.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.facts import Overflow
from modelward.scan.hits import Hit

SEVERITY = Severity.ERROR
CONSUMES = Overflow


def check(fact: Overflow) -> Iterator[Hit]:
    """Any number that can only be an attack."""
    yield Hit(
        f"this {fact.format} file has numbers made to overflow its reader: {fact.message}",
        key=fact.message,
        offset=fact.offset,
        fix="do not load it; ask the publisher for a sound file",
    )
