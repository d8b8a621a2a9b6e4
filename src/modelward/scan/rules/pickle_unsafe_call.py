"""A pickle reaches something that no model file needs

A pickle is a program for a small machine, and one of its instructions calls any function of any module that
Python can import, with any arguments. This one calls, or fetches in order to call later, a function that runs
commands or code, reads or writes files, opens network connections, or reaches any other function by name. It
does so while the file is *loaded*, before anything looks at the weights.

The instruction is reported even if its result is thrown away, or if the file breaks off after it: by
then the call has been made.

## What to do

Do not load the file. Ask the publisher for safetensors. If you have loaded it, treat the machine as
compromised.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.pickle.expression import render_event
from modelward.formats.pickle.judge import Judged, Opinion
from modelward.formats.pickle.values import Kind
from modelward.scan.hits import Hit

SEVERITY = Severity.ERROR
CONSUMES = Judged
FIX = "do not load it; ask the publisher for safetensors"


def check(fact: Judged) -> Iterator[Hit]:
    """A call of a known sink, or a reference to one."""
    event, judgement = fact.event, fact.judgement
    if judgement.opinion is not Opinion.SINK:
        return
    expression = render_event(event)
    if event.kind is Kind.CALL:
        yield Hit(
            f"loading this file {judgement.reason}",
            key=expression,
            offset=event.offset,
            step=event.step,
            expression=expression,
            label="called while the file loads",
            fix=FIX,
            rank=1,
            supersedes=judgement.subject,
        )
    else:
        yield Hit(
            f"this file fetches {judgement.subject}, which {judgement.reason}",
            key=judgement.subject,
            offset=event.offset,
            step=event.step,
            expression=expression,
            label="fetched while the file loads",
            fix=FIX,
        )
