"""Pickles: one stream after another, and the legacy torch checkpoints made of them."""

from __future__ import annotations

from msgspec import Struct, field

from modelward.core.errors import InputError
from modelward.formats import torch
from modelward.formats.joblib import InlineArrays
from modelward.formats.pickle.beginnings import find_beginning
from modelward.formats.pickle.dtype_order import DtypeOrder
from modelward.formats.pickle.held import held_pickles
from modelward.formats.pickle.judge import Judged, Judgement, Opinion, code_beside, judge
from modelward.formats.pickle.nested import as_source
from modelward.formats.pickle.storages import storage_of
from modelward.formats.pickle.stream import Stream, read_stream
from modelward.formats.pickle.values import Blob, Event, Kind, Value
from modelward.formats.source import Source
from modelward.formats.torch import Checkpoint, StorageProblem
from modelward.scan.examination import Examination, Place, Reading

MAX_STREAMS = 10_000
#: What stands after the streams is searched this far for the beginnings of others, so many of which are run.
SEARCHED_BYTES = 4 << 20
MAX_HIDDEN = 1024
#: A beginning is found if so many bytes of it are among those searched.
OVERLAP_BYTES = 512

#: What can give something to be called; without any, a call is words that happen to read like one.
_REACHING = (Kind.REFERENCE, Kind.EXTENSION, Kind.PERSISTENT, Kind.AMBIGUOUS, Kind.BUFFER)


class _Run(Struct):
    """One stream, what it does, and what a loader would unpickle in turn."""

    reading: Reading
    checkpoint: Checkpoint | None
    pinned: frozenset[str] = frozenset()
    siblings: frozenset[str] = frozenset()
    events: int = 0
    reaches: bool = False
    calls: int = 0
    nested: list[tuple[int, Value]] = field(default_factory=list)
    order: DtypeOrder = field(default_factory=DtypeOrder)

    def notice(self, event: Event) -> None:
        self.events += 1
        meant = self.checkpoint is not None and self.checkpoint.means(event.target)
        if meant and event.kind is not Kind.CALL:
            return
        judgement = judge(event, torch=self.checkpoint is not None, pinned=self.pinned)
        if meant and judgement.opinion is Opinion.UNKNOWN:
            return  # code of the same archive, which is read
        if judgement.opinion is Opinion.ALLOWED and (problem := self.order.problem(event)):
            judgement = Judgement(Opinion.MISUSED, "numpy.dtype", problem)
        if judgement.opinion is not Opinion.ALLOWED:
            unknown = judgement.opinion is Opinion.UNKNOWN
            beside = code_beside(judgement.subject, self.siblings) if unknown and self.siblings else ""
            self.reading.fact(Judged(event, judgement, beside))
            self.calls += bool(beside)  # to import that code is to run it
        elif self.checkpoint is not None and event.kind is Kind.PERSISTENT:
            storage = storage_of(event.target)
            if storage is not None:
                self.checkpoint.add(storage)
        self.reaches |= event.kind in _REACHING
        if (event.kind is Kind.CALL and self.reaches) or judgement.opinion is Opinion.SINK:
            self.calls += 1
        if judgement.nested is not None:
            self.nested.append((event.offset, judgement.nested))


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Run the streams from the first byte on.

    Nearly anything can be run for a few instructions, so bytes count as a pickle only if they call
    something, or come to their STOP, or begin with a protocol number.
    """
    reading = Reading("pickle")
    checkpoint = place.checkpoint
    first, run = _stream(source, 0, checkpoint, examination, place.siblings)
    declared = source.read(0, 2)[:1] == b"\x80" and source.read(1, 1) <= b"\x05"
    if not (declared or run.calls or first.trouble is None):
        return None
    whole = first.trouble is None
    # The head of a ZIP, up to a line end in one of its checksums, reads like a persistent id.
    ids = 1 if source.read(0, 4) == b"PK\x03\x04" else 0
    framed = source.read(2, 1) == b"\x95" and 0 < int.from_bytes(source.read(3, 8), "little") <= source.size
    reading.sure = (
        run.calls > 0 or (declared and (whole or framed)) or ((whole or declared) and run.events > ids)
    )
    streams, at = [first], 0
    loaded: list[tuple[int, Value]] = []
    legacy = torch.is_legacy(streams)
    if legacy:
        reading.format, checkpoint = "torch legacy", Checkpoint(classes=True)
    while True:
        reading.format = run.reading.format if run.reading.format != "pickle" else reading.format
        reading.hits.merge(run.reading.hits)
        _nested(run, place, examination)
        loaded += run.nested
        at = streams[-1].end
        if checkpoint is not None and checkpoint.numbered:
            at = min(source.size, at + torch.numbered_gap(source, at, streams[-1].value))
        enough = len(streams) >= (torch.LEGACY_STREAMS if legacy else MAX_STREAMS)
        if streams[-1].trouble or at >= source.size or enough:
            break
        stream, run = _stream(source, at, checkpoint, examination, place.siblings)
        if stream.trouble and not run.calls:
            break
        streams.append(stream)
    if legacy and checkpoint is not None and not streams[-1].trouble:
        reading.problem = _legacy_end(source, streams, checkpoint, reading)
        storages = sum(8 + storage.bytes for storage in checkpoint.storages.values())
        search(source, min(source.size, streams[-1].end + storages), reading, place, examination)
        return reading
    if streams[-1].trouble:
        reading.problem = f"the pickle cannot be read to its end: {streams[-1].trouble}"
    elif at < source.size:
        reading.rest = [(at, source.size)]
    if not place.raw:
        _held(source, at, loaded, reading, examination)
        search(source, at, reading, place, examination)
    return reading


def _stream(
    source: Source,
    at: int,
    checkpoint: Checkpoint | None,
    examination: Examination,
    siblings: frozenset[str] = frozenset(),
) -> tuple[Stream, _Run]:
    run = _Run(Reading("pickle"), checkpoint, examination.pinned, siblings)
    arrays = InlineArrays(run.notice, examination.budget)
    stream = read_stream(source, at, run.notice, examination.budget, arrays)
    if arrays.arrays:
        run.reading.format = "joblib"
    for event in arrays.other_events:
        run.notice(event)
    for escape in arrays.escapes:
        run.reading.fact(escape)
    return stream, run


def _held(
    source: Source, end: int, loaded: list[tuple[int, Value]], reading: Reading, examination: Examination
) -> None:
    """Look for pickles among the constants of the streams, which end at `end`, but those that are loaded."""
    data = source.read(0, min(end, SEARCHED_BYTES))
    known = {data.find(value) for _, value in loaded if isinstance(value, bytes)}
    known |= {value.offset for _, value in loaded if isinstance(value, Blob)}
    for held in held_pickles(data, examination.budget):
        if held.offset not in known:
            reading.fact(held)


def search(source: Source, start: int, reading: Reading, place: Place, examination: Examination) -> None:
    """Look for streams that call something where no loader gets by itself, but one can be pointed.

    Only SEARCHED_BYTES from `start` on are looked at.
    """
    data = source.read(start, SEARCHED_BYTES)
    at = 0
    for _ in range(MAX_HIDDEN):
        found = find_beginning(data, at)
        if found < 0:
            return
        stream, run = _stream(source, start + found, None, examination)
        at = found + 1
        if run.calls:
            reading.hits.merge(run.reading.hits)
            _nested(run, place, examination)
            at = max(at, stream.end - start)
    reading.problem = reading.problem or f"over {MAX_HIDDEN} pickles may begin in what stands behind others"


def _legacy_end(source: Source, streams: list[Stream], checkpoint: Checkpoint, reading: Reading) -> str:
    """Hold a legacy checkpoint against its storages. Why it was not examined to its end, or nothing."""
    if len(streams) < torch.LEGACY_STREAMS:
        return "the checkpoint breaks off"
    for problem in torch.legacy_storages(source, streams[-1].end, streams[-1], checkpoint):
        reading.fact(StorageProblem(problem))
    return ""


def _nested(run: _Run, place: Place, examination: Examination) -> None:
    for offset, value in run.nested:
        path = f"{place.path}!byte {offset}"
        try:
            examination.budget.spend_members(1)
            source = as_source(value)
        except InputError as error:
            examination.unexamined(path, error.message)
        else:
            examination.examine(source, Place(path, "", place.depth + 1))
