"""A file holds text that nobody can see

Some characters have no shape: tag characters that spell words in an invisible alphabet, variation selectors
and signs without width that carry bytes, controls that make a line read otherwise than it runs
(CVE-2021-42574, "Trojan Source"). A model reads them where a person sees nothing, and so does an
interpreter. Here they stand in runs, in a configuration, a prompt, a card or a program, where no writing
system puts them.

## What to do

Look at the file with a viewer that shows such characters, and ask the publisher what they are for.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.hidden_text import HiddenText
from modelward.scan.hits import Hit

SEVERITY = Severity.WARNING
CONSUMES = HiddenText


def check(fact: HiddenText) -> Iterator[Hit]:
    """Any run of characters that cannot be seen."""
    yield Hit(
        f"line {fact.line} holds {fact.what}",
        key=f"{fact.where} {fact.what}",
        label=fact.where or None,
        fix="look at the file with a viewer that shows such characters",
    )
