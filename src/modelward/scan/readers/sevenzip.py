"""7-Zip archives."""

from __future__ import annotations

from modelward.formats import sevenzip
from modelward.formats.sevenzip import Archive, Member
from modelward.formats.source import BytesSource, Slice, Source
from modelward.scan.examination import Examination, Place, Reading

_MAX_TARGET_BYTES = 4096  # of a link


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Unpack each folder once and examine its members. Raises InputError where the header is broken."""
    archive = sevenzip.read(source, examination.budget)
    if archive is None:
        return None
    reading = Reading("7-zip", rest=[(archive.end, source.size)])
    targets: dict[str, str] = {}
    for number, folder in enumerate(archive.header.folders):
        members = [member for member in archive.members if member.folder == number]
        with sevenzip.open_folder(source, folder, examination.budget) as content:
            for member in members:
                part = Slice(content.source, member.start, member.size)
                _member(archive, member, part, place, examination)
                if part.size < member.size or content.trouble:
                    examination.unexamined(f"{place.path}!{member.name}", content.trouble or "it breaks off")
                if member.link:
                    target = part.read(0, _MAX_TARGET_BYTES)
                    targets[member.name] = target.decode("utf-8", "backslashreplace")
    for member in archive.members:
        if member.folder is None:
            _member(archive, member, BytesSource(b""), place, examination)
    for fact in (*archive.oddities, *sevenzip.placed(archive, targets)):
        reading.fact(fact)
    return reading


def _member(
    archive: Archive, member: Member, content: Source, place: Place, examination: Examination
) -> None:
    if member.size and not content.size:
        return
    names = frozenset(other.name for other in archive.members)
    inner = Place(f"{place.path}!{member.name}", member.name, place.depth + 1, siblings=names)
    examination.examine(content, inner)
