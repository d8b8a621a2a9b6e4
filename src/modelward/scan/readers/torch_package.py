"""Archives of torch.package: pickles, the modules they use, and storages."""

from __future__ import annotations

from modelward.formats import torch, torch_package
from modelward.formats.torch import StorageProblem
from modelward.formats.torch_package import PackageCheckpoint
from modelward.formats.zip import Member
from modelward.scan.readers.torchscript import PROGRAMS, script_code
from modelward.scan.readers.zip import Contents

#: Members that hold words for torch.package.
_RECORDS = torch.RECORDS | {".data/extern_modules", ".data/python_version", ".data/version"}


def fits(contents: Contents) -> bool:
    """Whether torch.package takes the archive for a package."""
    return torch_package.root_of([member.name for member in contents.archive.members]) is not None


def read(contents: Contents) -> None:
    """Examine the pickles first, by the modules that there are, then the storages they name, and the code."""
    contents.reading.format = "torch.package"
    members = contents.archive.members
    root = torch_package.root_of([member.name for member in members]) or ""
    inner = [(member, member.name.removeprefix(root)) for member in members]
    known = torch_package.modules(name for _, name in inner)
    checkpoint = PackageCheckpoint(modules=known)
    for member, name in inner:
        if name.endswith((".pkl", ".debug_pkl")):
            contents.member(member, checkpoint=checkpoint)
    for member, name in inner:
        if not name.endswith((".pkl", ".debug_pkl")):
            _member(contents, member, name, checkpoint)
    for conflict in checkpoint.conflicts:
        contents.reading.fact(StorageProblem(conflict))


def _member(contents: Contents, member: Member, name: str, checkpoint: PackageCheckpoint) -> None:
    key = name.removeprefix(".data/") if name.startswith(".data/") else ""
    # TorchScript's pickles name the member, torch's own the number before its ending
    storage = checkpoint.storages.get(key) or checkpoint.storages.get(key.removesuffix(".storage"))
    if storage is not None:
        if member.header.size != storage.bytes:
            problem = f"has {member.header.size} bytes and the pickle says {storage.bytes}"
            contents.reading.fact(StorageProblem(f"storage {key!r} {problem}"))
        contents.member(member, raw="torch storage")
    elif name.startswith(".data/ts_code/") and name.endswith(".py"):
        script_code(contents, member)
    elif name.startswith(".data/ts_code/"):
        contents.member(member, raw="torch storage", inert_text=True)
    else:
        is_resource = not name.lower().endswith(PROGRAMS)
        contents.member(member, inert_text=name in _RECORDS or is_resource)
