"""Files compressed as a whole: what comes out is examined as the file."""

from __future__ import annotations

from posixpath import basename

from modelward.formats.budget import Expansion
from modelward.formats.compressed import detect
from modelward.formats.source import Slice, Source
from modelward.formats.unpacked import unpacked
from modelward.scan.examination import Examination, Place, Reading

_SUFFIXES = (".gz", ".xz", ".bz2", ".lzma", ".zst", ".zstd", ".lz4", ".z", ".zlib")
_TARS = (".tgz", ".txz", ".tbz2", ".tbz", ".tzst")


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Unpack it within the budget and examine what comes out, though it break off."""
    compressed = detect(source)
    if compressed is None:
        return None
    reading = Reading(compressed.codec.name)
    name = _inner_name(place.name)
    inner = Place(f"{place.path}!{basename(name) or 'content'}", name, place.depth + 1)
    with unpacked(compressed.pieces(), Expansion(examination.budget, source.size), place.path) as content:
        if not compressed.codec.marked and not content.source.size:
            return None
        trial = examination.trial()
        trial.examine(content.source, inner)
    reading.sure = compressed.codec.marked or compressed.streams > 0 or bool(trial.report.findings)
    if reading.sure:
        examination.adopt(trial)
    reading.problem = content.trouble
    for begin, end in compressed.skipped:
        examination.budget.spend_members(1)
        path = f"{place.path}!byte {begin}"
        frame = Place(path, "", place.depth + 1, inert_text=True, raw="a frame that is skipped")
        examination.examine(Slice(source, begin, end - begin), frame)
    if compressed.streams:
        reading.rest = [(compressed.end, source.size)]
    return reading


def _inner_name(name: str) -> str:
    """The name without what says that it is compressed."""
    lower = name.lower()
    for suffix in _SUFFIXES:
        if lower.endswith(suffix):
            return name[: -len(suffix)]
    for suffix in _TARS:
        if lower.endswith(suffix):
            return name[: -len(suffix)] + ".tar"
    return name
