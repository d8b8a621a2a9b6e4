"""Members of archives that are read as one thing only, because their loader does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from modelward.core.errors import InputError, LimitExceeded
from modelward.core.finding import Coverage
from modelward.formats import zip
from modelward.formats.zip import Member
from modelward.scan.examination import Reading
from modelward.scan.readers.zip import Contents


class Judged(Struct, frozen=True):
    """How a member is read: what it is called, up to which size, and what gives the facts in its bytes."""

    form: str
    max_bytes: int
    facts: Callable[[bytes], Iterator[Any]]


def judge_member(contents: Contents, member: Member, way: Judged) -> None:
    """Show a member's facts to the rules. It is not examined where `facts` raises InputError."""
    reading = Reading(way.form)
    try:
        with zip.open_member(contents.archive, member, contents.examination.budget) as source:
            if source.size > way.max_bytes:
                raise LimitExceeded(f"it is over {way.max_bytes >> 20} MiB of {way.form}")
            data = source.read(0, source.size)
        for fact in way.facts(data):
            reading.fact(fact)
    except InputError as error:
        reading.problem = error.message
    path = f"{contents.place.path}!{member.name}"
    report = contents.examination.report
    report.extend(reading.hits.findings(path))
    report.coverage.append(Coverage(path, way.form, examined=not reading.problem, reason=reading.problem))
