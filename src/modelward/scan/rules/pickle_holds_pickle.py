"""A pickle holds another pickle that is not data

Among the values in the file is a whole pickle: in bytes, or in text as Base64 or hexadecimal. Loading this
file does not load that one, but a program that does would call what no model file needs. Whoever hides a
pickle in a pickle has, somewhere, code that takes it out.

## What to do

Find out what reads that value. If nobody knows, do not use the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.pickle.expression import render_event
from modelward.formats.pickle.held import HeldPickle
from modelward.scan.hits import Hit

SEVERITY = Severity.WARNING
CONSUMES = HeldPickle


def check(fact: HeldPickle) -> Iterator[Hit]:
    """One finding for each thing that held pickles do."""
    judgement = fact.act.judgement
    yield Hit(
        f"this file holds another pickle, in {fact.form}, that uses {judgement.subject}: {judgement.reason}",
        key=judgement.subject,
        offset=fact.offset,
        step=fact.act.event.step,
        expression=render_event(fact.act.event),
        label="done by whatever loads the pickle within",
        fix="find out what loads the pickle within before you use the file",
    )
