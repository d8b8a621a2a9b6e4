"""A pickle gives an unknown function what only an attack gives

A pickle calls a function that is on no list, and one of its arguments is a shell command, Python code,
compiled code, an address on the network or the path of a secret. Whatever the function is called, this is
how an attack looks; no library writes it. Text in a vocabulary, or in the attributes of an object, is not
looked at.

## What to do

Do not load the file. If you have loaded it, treat the machine as compromised.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.pickle.expression import render_event
from modelward.formats.pickle.judge import Judged, Opinion
from modelward.scan.hits import Hit

SEVERITY = Severity.ERROR
CONSUMES = Judged


def check(fact: Judged) -> Iterator[Hit]:
    """A call of an unknown global whose arguments show what it is for."""
    event, judgement = fact.event, fact.judgement
    if judgement.opinion is Opinion.SUSPICIOUS:
        expression = render_event(event)
        yield Hit(
            f"loading this file calls {judgement.subject}: {judgement.reason}",
            key=expression,
            offset=event.offset,
            step=event.step,
            expression=expression,
            label="called while the file loads",
            fix="do not load it; ask the publisher for safetensors",
        )
