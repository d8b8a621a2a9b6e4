"""A pickle changes a module or a class in place

An instruction sets attributes of, or puts items into, something that was fetched from a module by name:
a function, a class, a dictionary such as `sys.modules`. That changes it for the whole process, and is a
way to run code without a call that can be seen. Nothing that saves a model writes this.

## What to do

Do not load the file.
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
    """BUILD, SETITEM, APPEND or ADDITEMS on a global."""
    if fact.judgement.opinion is Opinion.CHANGES_GLOBAL:
        expression = render_event(fact.event)
        yield Hit(
            f"loading this file changes {fact.judgement.subject}: {fact.judgement.reason}",
            key=expression,
            offset=fact.event.offset,
            step=fact.event.step,
            expression=expression,
            label="changed while the file loads",
            fix="do not load it; ask the publisher for safetensors",
        )
