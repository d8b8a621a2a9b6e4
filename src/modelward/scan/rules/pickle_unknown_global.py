"""A pickle uses a global that is not known to be safe

Everything a pickle fetches by name is denied unless it is on modelward's list of globals that model files
need. This one is on no list: it may be a class of the library that saved the model, or a way to run code that
nobody has described yet. Which it is cannot be told from the file.

## What to do

Find out what the named global does when it is called with these arguments, or ask the publisher for
safetensors. A pickle that needs the classes of a library is only as safe as all of that library.
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

_LABELS = {
    Kind.CALL: "called while the file loads",
    Kind.REFERENCE: "fetched while the file loads",
    Kind.EXTENSION: "fetched while the file loads",
}


def check(fact: Judged) -> Iterator[Hit]:
    """Any use of a global on neither list; one finding for each global."""
    event, judgement = fact.event, fact.judgement
    if judgement.opinion is Opinion.UNKNOWN and not fact.beside:
        yield Hit(
            f"loading this file uses {judgement.subject}: {judgement.reason}",
            key=judgement.subject,
            offset=event.offset,
            step=event.step,
            expression=render_event(event),
            label=_LABELS.get(event.kind, "changed while the file loads"),
            fix="ask the publisher for safetensors, or find out what this global does",
            rank=1 if event.kind is Kind.CALL else 0,
        )
