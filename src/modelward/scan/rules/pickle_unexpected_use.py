"""A pickle uses a harmless global in a way that is not harmless

The globals that model files need are allowed for one use each, with arguments of a given kind:
`OrderedDict` takes nothing or pairs, numpy's dtype takes a simple type with the flags that numpy
writes, a tensor lies within its storage. Outside of that use some of them run code, read memory that is
not theirs, or load another pickle. The rule also covers calling or changing something when it cannot be
told what that is, and asking the loading program for objects where no known program gives them.

## What to do

No library is known to write this. Ask the publisher how the file was made, or for safetensors.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.pickle.expression import render_event
from modelward.formats.pickle.judge import Judged, Opinion
from modelward.scan.hits import Hit

SEVERITY = Severity.WARNING
CONSUMES = Judged


def check(fact: Judged) -> Iterator[Hit]:
    """A use outside the contract; one finding for each thing used and reason."""
    event, judgement = fact.event, fact.judgement
    if judgement.opinion is Opinion.MISUSED:
        yield Hit(
            f"loading this file uses {judgement.subject} in an unexpected way: {judgement.reason}",
            key=f"{judgement.subject}: {judgement.reason}",
            offset=event.offset,
            step=event.step,
            expression=render_event(event),
            label="used while the file loads",
            fix="ask the publisher for safetensors",
        )
