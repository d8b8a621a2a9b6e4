"""Zip archives, and the torch checkpoints among them."""

from __future__ import annotations

from modelward.core.errors import InputError
from modelward.formats import torch, zip
from modelward.formats.source import Source
from modelward.formats.torch import Checkpoint, StorageProblem
from modelward.formats.zip import Archive, Member
from modelward.scan.examination import Examination, Place, Reading


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Examine every member. Raises InputError where the directory is broken, LimitExceeded."""
    archive = zip.read(source, examination.budget)
    if archive is None:
        return None
    names = frozenset(member.name for member in archive.members)
    root = torch.root_of([member.name for member in archive.members])
    reading = Reading("zip" if root is None else "torch")
    if root is None:
        for member in archive.members:
            _member(archive, member, place, examination, names)
    else:
        _checkpoint(archive, root, place, examination, reading, names)
    for anomaly in archive.anomalies:
        reading.fact(anomaly)
    if archive.prefix:
        reading.problem = f"{archive.prefix} bytes stand before the archive"
    return reading


def _checkpoint(
    archive: Archive,
    root: str,
    place: Place,
    examination: Examination,
    reading: Reading,
    names: frozenset[str],
) -> None:
    """data.pkl first: it says what the other members are."""
    checkpoint = Checkpoint()
    pickles = [member for member in archive.members if member.name.lower() == f"{root}data.pkl".lower()]
    for member in pickles:
        _member(archive, member, place, examination, names, checkpoint=checkpoint)
    present = set()
    for member in archive.members:
        if member in pickles:
            continue
        name = member.name.removeprefix(root)
        key = name.removeprefix("data/")
        storage = checkpoint.storages.get(key) if name != key else None
        if storage is not None:
            present.add(key)
            if member.header.size != storage.bytes:
                reading.fact(
                    StorageProblem(
                        f"storage {key!r} has {member.header.size} bytes and the pickle says {storage.bytes}"
                    )
                )
        raw = "torch storage" if storage is not None else ""
        _member(archive, member, place, examination, names, raw=raw, inert_text=name in torch.RECORDS)
    for key in checkpoint.storages.keys() - present:
        reading.fact(StorageProblem(f"storage {key!r} is not in the file"))
    for conflict in checkpoint.conflicts:
        reading.fact(StorageProblem(conflict))


def _member(
    archive: Archive,
    member: Member,
    place: Place,
    examination: Examination,
    siblings: frozenset[str],
    *,
    checkpoint: Checkpoint | None = None,
    raw: str = "",
    inert_text: bool = False,
) -> None:
    if member.name.endswith("/") and not member.header.size and not member.header.compressed:
        return
    path = f"{place.path}!{member.name}"
    inner = Place(
        path,
        member.name,
        place.depth + 1,
        inert_text=inert_text,
        checkpoint=checkpoint,
        raw=raw,
        siblings=siblings,
    )
    try:
        with zip.open_member(archive, member, examination.budget) as source:
            examination.examine(source, inner)
    except InputError as error:
        examination.unexamined(path, error.message)
