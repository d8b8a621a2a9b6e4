"""Pickles: one stream after another, and the legacy torch checkpoints made of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from modelward.core.errors import InputError
from modelward.formats import torch
from modelward.formats.pickle.judge import Judged, Opinion, judge
from modelward.formats.pickle.nested import as_source
from modelward.formats.pickle.storages import storage_of
from modelward.formats.pickle.stream import Stream, read_stream
from modelward.formats.pickle.values import Event, Kind, Value
from modelward.formats.source import Source
from modelward.formats.torch import Checkpoint, StorageProblem
from modelward.scan.examination import Examination, Place, Reading

MAX_STREAMS = 10_000


@dataclass(slots=True)
class _Run:
    """One stream, what it does, and what a loader would unpickle in turn."""

    reading: Reading
    checkpoint: Checkpoint | None
    events: int = 0
    calls: int = 0
    nested: list[tuple[int, Value]] = field(default_factory=list)

    def notice(self, event: Event) -> None:
        self.events += 1
        judgement = judge(event, torch=self.checkpoint is not None)
        if judgement.opinion is not Opinion.ALLOWED:
            self.reading.fact(Judged(event, judgement))
        elif self.checkpoint is not None and event.kind is Kind.PERSISTENT:
            storage = storage_of(event.target)
            if storage is not None:
                self.checkpoint.add(storage)
        if event.kind is Kind.CALL or judgement.opinion is Opinion.SINK:
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
    first, run = _stream(source, 0, checkpoint, examination)
    declared = source.read(0, 2)[:1] == b"\x80" and source.read(1, 1) <= b"\x05"
    if not (declared or run.calls or first.trouble is None):
        return None
    whole = first.trouble is None
    reading.sure = run.calls > 0 or (declared and (whole or run.events > 0)) or (whole and run.events > 0)
    streams, at = [first], 0
    if torch.is_legacy(streams):
        reading.format, checkpoint = "torch legacy", Checkpoint()
    while True:
        reading.hits.merge(run.reading.hits)
        _nested(run, place, examination)
        at = streams[-1].end
        legacy = reading.format != "pickle" and len(streams) == torch.LEGACY_STREAMS
        if streams[-1].trouble or at >= source.size or legacy or len(streams) >= MAX_STREAMS:
            break
        stream, run = _stream(source, at, checkpoint, examination)
        if stream.trouble and not run.calls:
            break
        streams.append(stream)
    reading.problem = _end(source, streams, checkpoint, reading)
    return reading


def _stream(
    source: Source, at: int, checkpoint: Checkpoint | None, examination: Examination
) -> tuple[Stream, _Run]:
    run = _Run(Reading("pickle"), checkpoint)
    return read_stream(source, at, run.notice, examination.budget), run


def _end(source: Source, streams: list[Stream], checkpoint: Checkpoint | None, reading: Reading) -> str:
    """Why the file was not examined to its end, or nothing."""
    last = streams[-1]
    if last.trouble:
        return f"the pickle cannot be read to its end: {last.trouble}"
    if reading.format != "pickle" and checkpoint is not None:
        if len(streams) < torch.LEGACY_STREAMS:
            return "the checkpoint breaks off"
        for problem in torch.legacy_storages(source, last.end, last, checkpoint):
            reading.fact(StorageProblem(problem))
        return ""
    left = source.size - last.end
    return f"{left} bytes after the pickle ends, at byte {last.end}, are no pickle" if left else ""


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
