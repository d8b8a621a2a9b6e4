"""What the readers of graph formats have in common: facts to the rules, files within files to be examined."""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.errors import InputError
from modelward.formats.graph_facts import Nested, Unread
from modelward.formats.source import Slice, Source
from modelward.scan.examination import Examination, Place, Reading


def show(
    things: Iterator[object], reading: Reading, source: Source, place: Place, examination: Examination
) -> None:
    """Show every fact to the rules. What cannot be read is the reading's problem."""
    try:
        for thing in things:
            if isinstance(thing, Unread):
                reading.problem = reading.problem or thing.reason
            elif isinstance(thing, Nested):
                path = f"{place.path}!{thing.name}"
                inner = Place(path, thing.name, place.depth + 1, siblings=place.siblings)
                examination.budget.spend_members(1)
                examination.examine(Slice(source, thing.start, thing.length), inner)
            else:
                reading.fact(thing)
    except InputError as error:
        reading.problem = error.message
