"""The report of `modelward data check` as text: what could have been found, and what was, row beside twin."""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.digest import Digest
from modelward.core.escape import escape
from modelward.data.checks.document import Data, Document, Found, Shown, detectable

#: Findings and contributors that are printed; `--json` has all.
FINDINGS = 25
CONTRIBUTORS = 4
#: Of a text so many characters.
LENGTH = 160


def lines(document: Document) -> Iterator[str]:
    """The whole report."""
    data = document.data
    yield f"data check of {escape(data.name)} ({data.digest})"
    yield f"  rows        {data.rows:,}{_signed(data)}"
    for number, past in enumerate(document.history):
        yield (
            f"  {'history' if not number else '':<10}  {past.rows:,} rows of {escape(past.name)}"
            f" ({Digest.parse(past.digest).short}){_signed(past)}"
        )
    if not document.history:
        yield "  history     none: a batch compared only with itself"
    yield f"  checks      {', '.join(f'{one.name} {one.version}' for one in document.detectors)}"
    yield from _errors(document)
    yield from _power(document)
    shown = [found for found in document.findings if found.is_open]
    seen: set[str] = set()
    for found in shown[:FINDINGS]:
        yield from _finding(found, seen)
    if len(shown) > FINDINGS:
        yield f"and {_count(len(shown) - FINDINGS, 'more finding')}: --json has them all"
    for found in document.quiet:
        assert found.decision is not None
        yield (
            f"quiet[{found.check}]: {_what(found)}: decided benign by {escape(found.decision.by)},"
            f" for exactly these {_count(len(found.rows), 'row')}"
        )
    yield from _information(document)
    for reason in document.could_not_tell:
        yield f"cannot tell: {escape(reason)}"
    yield _result(document)


def _signed(data: Data) -> str:
    return f"; snapshot signed by {escape(data.signer)}" if data.signer else "; no signed snapshot"


def _errors(document: Document) -> Iterator[str]:
    method = "Benjamini-Yekutieli" if document.strict else "Benjamini-Hochberg"
    yield f"  errors      at most {document.level:.3g} of the findings are false ({method})"
    for one in document.calibration:
        tests = _count(one.tests, "test")
        yield (
            f"              {one.check}: {one.found:,} of {tests} on clean outputs passed, {one.allowed:.3g}"
            f" allowed; spread {one.inflation:.3g}"
        )
    if not document.calibration:
        yield "              not calibrated on this batch"


def _power(document: Document) -> Iterator[str]:
    title = "detectable"
    for one in detectable(document.power):
        least, most, never = one.get("least"), one.get("most"), one["never"]
        if least is None or most is None:
            words = "no number of poisoned rows"
        elif least == most:
            words = f"from {_count(least, 'poisoned row')} with one trigger"
        else:
            words = f"from {least:,} to {_count(most, 'poisoned row')} with one trigger, by the behaviour"
        blind = (
            f"; for {_count(never, 'behaviour')} no number would do" if never and least is not None else ""
        )
        yield f"  {title:<10}  {one['check']}: {words}{blind}"
        title = ""
    if title:
        yield f"  {title:<10}  nothing was measured: no behaviour to test"


def _finding(found: Found, seen: set[str]) -> Iterator[str]:
    decision = found.decision
    state = f", decided {decision.verdict} by {escape(decision.by)}" if decision else ""
    yield f"{found.tier}[{found.check}]: {_what(found)}{state}"
    yield f"  finding     {found.id}"
    if found.message:
        yield f"  why         {escape(found.message)}"
    yield f"  observed    {_observed(found)}"
    if found.contributors:
        people = ", ".join(f"{escape(one.name)} {one.rows:,}" for one in found.contributors[:CONTRIBUTORS])
        more = len(found.contributors) - CONTRIBUTORS
        yield f"  by          {people}{f' and {more} more' if more > 0 else ''}"
    if found.first_seen:
        yield f"  seen        {escape(found.first_seen)} to {escape(found.last_seen)}"
    for other in found.also[:3]:
        yield f"  also        {escape(other)}"
    yield f"  rows        {len(found.rows):,} (set {found.rows_root})"
    for shown in found.shown:
        if (place := str(shown.place)) in seen:
            yield f"  --> {escape(place)}, shown above"
        else:
            seen.add(place)
            yield from _shown(shown)


def _what(found: Found) -> str:
    return f"{escape(found.trigger, limit=200)} -> {escape(found.behaviour, limit=200)}"


def _observed(found: Found) -> str:
    past = f", {found.in_history:,} in the history" if found.in_history else ""
    odds = f"; p {found.p:.1e}, q {found.q:.1e}" if found.p < 1 else ""
    return (
        f"{found.showing:,} of {_count(found.examples, 'distinct example')}, expected"
        f" {found.expected * found.examples:.1f}{past}{odds}"
    )


def _shown(shown: Shown) -> Iterator[str]:
    proof = ", proof in the report" if shown.proof is not None else ""
    yield f"  --> {escape(str(shown.place))} ({Digest.parse(shown.digest).short}{proof})"
    yield f"      in    {_text(shown.text)}"
    yield f"      out   {_text(shown.output)}"
    if shown.twin is None:
        yield "      twin  none: no other row is like it"
        return
    of = "" if shown.twin.data == shown.twin.shard else f" of {escape(shown.twin.data)}"
    yield f"      twin  {escape(str(shown.twin))}{of}"
    yield f"        in  {_text(shown.twin_text)}"
    yield f"       out  {_text(shown.twin_output)}"


def _text(text: str) -> str:
    return escape(text, limit=LENGTH)


def _information(document: Document) -> Iterator[str]:
    found = document.of("information")
    for one in found[:FINDINGS]:
        message = f": {escape(one.message)}" if one.message else ""
        yield f"information[{one.check}]: {_what(one)} in {_count(len(one.rows), 'row')}{message}"
    if len(found) > FINDINGS:
        yield f"and {len(found) - FINDINGS:,} more for information"


def _result(document: Document) -> str:
    open_ = [found for found in document.findings if found.is_open]
    critical = sum(found.tier == "critical" for found in open_)
    counts = f"{critical} critical, {len(open_) - critical} to review"
    rows = (
        f"; {_count(document.quarantine.rows, 'row')} of critical findings"
        if critical and document.quarantine
        else ""
    )
    words = {"findings": "findings", "cannot-tell": "could not tell", "nothing-found": "nothing found"}
    return f"result: {words[document.verdict]}: {counts}{rows}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
