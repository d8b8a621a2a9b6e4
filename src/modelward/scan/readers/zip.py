"""Zip archives. Each kind of archive that is recognised by its members has a module of its own."""

from __future__ import annotations

from importlib import import_module

from msgspec import Struct, field

from modelward.core.errors import InputError
from modelward.formats import tar, zip
from modelward.formats.budget import Budget
from modelward.formats.facts import PathEscape
from modelward.formats.identify import Format, candidates
from modelward.formats.source import Source
from modelward.formats.torch import Checkpoint
from modelward.formats.zip import Archive, Member
from modelward.scan.examination import Examination, Place, Reading

#: Modules beside this one, each with `fits(contents) -> bool` and `read(contents) -> None`, which examines
#: the members in its own order and way by `contents.member`. The first that fits is taken.
KINDS = ("torch_export", "torchscript", "torch_package", "torch_archive")


#: What stands at byte four of models to which labels are appended in an archive, as the format asks.
_TFLITE = b"TFL3"


class Contents(Struct):
    """An archive being examined, for the kinds: its members, and what is said of the whole."""

    archive: Archive
    place: Place
    examination: Examination
    reading: Reading
    names: frozenset[str] = field(default_factory=frozenset)
    claimed: int = 0

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
        if not self._may_examine(member):
            self.examination.unexamined(path, "its bytes belong to other members too, which were examined")
            return
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

    def _may_examine(self, member: Member) -> bool:
        """Members that lie over each other are a bomb: in all they may be twice the archive."""
        self.claimed += member.header.compressed
        return self.claimed <= 2 * self.archive.source.size


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Examine every member. Raises InputError where the directory is broken, LimitExceeded."""
    archive = zip.read(source, examination.budget)
    if archive is None or _is_member_of_tar(source, archive, examination.budget):
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
    appended = source.read(4, 4) == _TFLITE
    found: list[zip.Anomaly | PathEscape] = [*archive.anomalies, *archive.escapes]
    for fact in found:
        if not (appended and fact.offset == 0):
            reading.fact(fact)
    reading.embedded = archive.embedded or appended
    reading.rest = [(0, archive.prefix), (archive.comment, archive.end), (archive.end, source.size)]
    return reading


def _is_member_of_tar(source: Source, archive: Archive, budget: Budget) -> bool:
    """Whether the archive lies whole in one member of a tar file, as whose member it is examined.

    An archive that ends near the end of a tar file is found there by any reader of zip files (.nemo).
    """
    if not archive.prefix or Format.TAR not in candidates(source):
        return False
    outer = tar.read(source, budget)
    return outer is not None and any(
        member.start <= archive.prefix and archive.end <= member.start + member.size
        for member in outer.members
        if not member.trouble
    )
