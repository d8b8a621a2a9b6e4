"""Tar archives, and the oldest torch checkpoints, which are such."""

from __future__ import annotations

from modelward.formats import tar
from modelward.formats.source import Source
from modelward.formats.torch import Checkpoint
from modelward.scan.examination import Examination, Place, Reading

_TORCH = frozenset({"pickle", "storages", "tensors"})


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Examine every member where it lies."""
    archive = tar.read(source, examination.budget)
    if archive is None:
        return None
    names = frozenset(member.name.removeprefix("./") for member in archive.members)
    reading = Reading("tar", archive.trouble)
    is_torch = names >= _TORCH
    if is_torch:
        reading.format = "torch tar"
    for member in archive.members:
        path = f"{place.path}!{member.name}"
        name = member.name.removeprefix("./")
        inner = Place(
            path,
            name,
            place.depth + 1,
            checkpoint=Checkpoint(numbered=True, classes=True) if is_torch and name in _TORCH else None,
            siblings=names,
        )
        examination.examine(archive.content(member), inner)
        if member.trouble:
            examination.unexamined(path, member.trouble)
    for fact in (*archive.oddities, *archive.escapes):
        reading.fact(fact)
    reading.rest = [(archive.end, source.size)]
    return reading
