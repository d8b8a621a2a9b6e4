"""An XML file is made to exhaust the memory of what parses it

Entities of XML stand for text, and may stand for other entities. A few lines of them, each made of ten of the
one before, stand for gigabytes ("billion laughs"). A parser that expands them never comes to an end. No
tool that writes models declares such entities.

## What to do

Do not load the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.xml import EntityBomb
from modelward.scan.hits import Hit

SEVERITY = Severity.ERROR
CONSUMES = EntityBomb


def check(fact: EntityBomb) -> Iterator[Hit]:
    """Any entity past the bound, or made as such bombs are."""
    if fact.endless:
        size = "an endless text"
    elif fact.bytes >> 20:
        size = f"over {fact.bytes >> 20} MiB of text"
    else:
        size = "entities that repeat others many times over"
    yield Hit(
        f"its entity {fact.name!r} stands for {size}",
        key=fact.name,
        offset=fact.offset,
        fix="do not load it",
    )
