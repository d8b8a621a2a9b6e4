"""Programs that load this pickle may read different things

CPython has two unpicklers, one in C and one in Python, and they differ: in an instruction that
straddles the end of a frame, in frames inside frames, in numbers written oddly. A stream that reads a
memo entry which was never set, or computes the name of a global, cannot be told either. No pickler
writes such a stream; it is made so that a scanner reads one thing and the loader another.

## What to do

Do not load the file unless you know how it was made.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.pickle.judge import Judged, Opinion
from modelward.scan.hits import Hit

SEVERITY = Severity.WARNING
CONSUMES = Judged


def check(fact: Judged) -> Iterator[Hit]:
    """An ambiguous instruction; one finding for each kind."""
    if fact.judgement.opinion is Opinion.AMBIGUOUS:
        yield Hit(
            f"this pickle can be read in more than one way: {fact.judgement.reason}",
            key=fact.judgement.reason if fact.event.step != "GET" else "GET",
            offset=fact.event.offset,
            step=fact.event.step,
            expression=fact.judgement.reason,
            label="read differently by different loaders",
            fix="do not load it unless you know how it was made",
        )
