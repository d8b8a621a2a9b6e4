"""Zip archives. Each kind of archive that is recognised by its members has a module of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module

from modelward.core.errors import InputError
from modelward.formats import zip
from modelward.formats.source import Source
from modelward.formats.torch import Checkpoint
from modelward.formats.zip import Archive, Member
from modelward.scan.examination import Examination, Place, Reading

#: Modules beside this one, each with `fits(contents) -> bool` and `read(contents) -> None`, which examines
#: the members in its own order and way by `contents.member`. The first that fits is taken.
KINDS = ("torch_export", "torchscript", "torch_package", "torch_archive")


@dataclass(slots=True)
class Contents:
    """An archive being examined, for the kinds: its members, and what is said of the whole."""

    archive: Archive
    place: Place
    examination: Examination
    reading: Reading
    names: frozenset[str] = field(default_factory=frozenset)

    def member(
        self,
        member: Member,
        *,
        checkpoint: Checkpoint | None = None,
        raw: str = "",
        inert_text: bool = False,
    ) -> None:
        """Examine one member; see `Place` for the rest."""
        if member.name.endswith("/") and not member.header.size and not member.header.compressed:
            return
        path = f"{self.place.path}!{member.name}"
        inner = Place(
            path,
            member.name,
            self.place.depth + 1,
            inert_text=inert_text,
            checkpoint=checkpoint,
            raw=raw,
            siblings=self.names,
        )
        with zip.unpack_member(self.archive, member, self.examination.budget) as content:
            if content.source.size or not content.trouble:
                self.examination.examine(content.source, inner)
            if content.trouble:
                self.examination.unexamined(path, content.trouble)


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Examine every member. Raises InputError where the directory is broken, LimitExceeded."""
    archive = zip.read(source, examination.budget)
    if archive is None:
        return None
    names = frozenset(member.name for member in archive.members)
    reading = Reading("zip")
    contents = Contents(archive, place, examination, reading, names)
    try:
        for name in KINDS:
            kind = import_module(f"modelward.scan.readers.{name}")
            if kind.fits(contents):
                kind.read(contents)
                break
        else:
            for member in archive.members:
                contents.member(member)
    except InputError as error:
        reading.problem = error.message
    for fact in (*archive.anomalies, *archive.escapes):
        reading.fact(fact)
    reading.rest = [(0, archive.prefix), (archive.end, source.size)]
    return reading
