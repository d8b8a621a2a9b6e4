"""The zip archive of torch.save: a pickle, and the storages that it names."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from modelward.formats import torch
from modelward.formats.pickle.storages import Storage
from modelward.formats.torch import Checkpoint, StorageProblem
from modelward.formats.zip import Member
from modelward.scan.readers.zip import Contents

#: The folder whose storages the pickles of a phone's TorchScript archive share.
_SHARED = "constants/"


def fits(contents: Contents) -> bool:
    """Whether there is a `data.pkl` where torch looks for it."""
    return torch.root_of([member.name for member in contents.archive.members]) is not None


def read(contents: Contents) -> None:
    """Examine the pickles first: they say what the other members are."""
    contents.reading.format = "torch"
    members = contents.archive.members
    examine(contents, members, torch.root_of([member.name for member in members]) or "", Checkpoint)


def examine(
    contents: Contents, members: Sequence[Member], root: str, checkpoint_of: Callable[[], Checkpoint]
) -> None:
    """Examine some members: the pickles in the folder `root`, by what their loader knows, then the others."""
    checkpoints: dict[str, Checkpoint] = {}
    pickles = []
    for member in members:
        stem = _stem_of_pickle(member, root)
        if stem is not None:
            pickles.append(member)
            contents.member(member, checkpoint=checkpoints.setdefault(f"{root}{stem}/", checkpoint_of()))
    present: set[str] = set()
    for member in members:
        if member in pickles:
            continue
        folder, _, key = member.name.rpartition("/")
        storage = _storage(checkpoints, root, f"{folder}/", key)
        if storage is not None:
            present.add(member.name)
            if member.header.size != storage.bytes:
                problem = f"has {member.header.size} bytes and the pickle says {storage.bytes}"
                contents.reading.fact(StorageProblem(f"storage {key!r} {problem}"))
        raw = "torch storage" if storage is not None else ""
        contents.member(member, raw=raw, inert_text=member.name.removeprefix(root) in torch.RECORDS)
    for folder, checkpoint in checkpoints.items():
        for key in checkpoint.storages:
            if not {folder + key, f"{root}{_SHARED}{key}"} & present:
                contents.reading.fact(StorageProblem(f"storage {key!r} is not in the file"))
        for conflict in checkpoint.conflicts:
            contents.reading.fact(StorageProblem(conflict))


def _storage(checkpoints: dict[str, Checkpoint], root: str, folder: str, key: str) -> Storage | None:
    """The storage that a member holds: of the pickle of its folder, or of any pickle if it is shared."""
    mine = checkpoints.get(folder)
    owners = [mine] if mine else []
    if folder == root + _SHARED:
        owners += checkpoints.values()
    return next((owner.storages[key] for owner in owners if key in owner.storages), None)


def _stem_of_pickle(member: Member, root: str) -> str | None:
    """`data` of `archive/data.pkl`, `constants` of `archive/constants.pkl`, in whatever letters."""
    name = member.name.lower()
    if not name.startswith(root.lower()) or not name.endswith(".pkl"):
        return None
    stem = name[len(root) : -len(".pkl")]
    return None if "/" in stem else stem
