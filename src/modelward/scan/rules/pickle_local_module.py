"""A pickle uses code that lies beside it

The pickle names a class or function of a module that is on no list, and there is Python code of that name
in the same repository or archive. Loading the file imports that code, which runs it, and with it whatever the
publisher wrote there: the weights are only as safe as the code.

## What to do

Read the code as you would read any program from the same publisher, or ask for safetensors.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.pickle.expression import render_event
from modelward.formats.pickle.judge import Judged, Opinion
from modelward.formats.pickle.values import Kind
from modelward.scan.hits import Hit

SEVERITY = Severity.WARNING
CONSUMES = Judged


def check(fact: Judged) -> Iterator[Hit]:
    """An unknown global of a module beside the file; one finding for each global."""
    event, judgement = fact.event, fact.judgement
    if judgement.opinion is Opinion.UNKNOWN and fact.beside:
        yield Hit(
            f"loading this file imports and runs {fact.beside}, for {judgement.subject}",
            key=judgement.subject,
            offset=event.offset,
            step=event.step,
            expression=render_event(event),
            label="imported while the file loads",
            fix="read that code before you load the file",
            rank=1 if event.kind is Kind.CALL else 0,
        )
