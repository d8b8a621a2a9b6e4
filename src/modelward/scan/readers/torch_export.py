"""Archives of torch.export: the graph as JSON, plain and pickled tensors, and compiled code."""

from __future__ import annotations

from posixpath import basename, splitext
from typing import Any

from modelward.core import strict_json
from modelward.core.errors import InputError
from modelward.formats import torch, torch_export, zip
from modelward.formats.facts import EmbeddedCode
from modelward.formats.torch_export import Payloads
from modelward.formats.zip import Member
from modelward.scan.readers.judged import Judged, judge_member
from modelward.scan.readers.torchscript import PROGRAMS
from modelward.scan.readers.zip import Contents

#: Members that hold one word.
_RECORDS = torch.RECORDS | {"archive_format", "archive_version", ".data/version"}
_PROGRAM = Judged(
    "exported program", strict_json.MAX_BYTES, lambda data: torch_export.judge_program(_loads(data))
)
_FLAGS = Judged("compiler flags", strict_json.MAX_BYTES, lambda data: torch_export.judge_flags(_loads(data)))
#: Compiled code, and what is compiled when it is loaded.
_NATIVE = (
    ".so",
    ".o",
    ".a",
    ".dll",
    ".pyd",
    ".dylib",
    ".cubin",
    ".hsaco",
    ".ptx",
    ".spv",
    ".cpp",
    ".cu",
    ".h",
)


def fits(contents: Contents) -> bool:
    """Whether torch.export or AOTInductor takes the archive for its own."""
    return torch_export.root_of([member.name for member in contents.archive.members]) is not None


def read(contents: Contents) -> None:
    """Examine every member as its place in the archive says."""
    contents.reading.format = "torch.export"
    members = contents.archive.members
    root = torch_export.root_of([member.name for member in members]) or ""
    plain: set[str] = set()
    for member in members:
        if member.name.endswith("_config.json") and "/data/" in f"/{member.name}":
            folder = member.name.rpartition("/")[0]
            found = _payloads(contents, member)
            plain |= {f"{folder}/{name}" for name in found.plain}
    for member in members:
        _member(contents, member, member.name.removeprefix(root), plain)


def _member(contents: Contents, member: Member, name: str, plain: set[str]) -> None:
    is_json = name.endswith(".json")
    if is_json and (name.startswith("models/") or name == "serialized_exported_program.json"):
        judge_member(contents, member, _PROGRAM)
    elif is_json and name.startswith("data/aotinductor/"):
        judge_member(contents, member, _FLAGS)
    elif name.startswith("data/aotinductor/") and splitext(name)[1] in _NATIVE:
        contents.reading.fact(EmbeddedCode(member.name, f"compiled code ({basename(name)})"))
        contents.member(member, raw="compiled code", inert_text=True)
    elif member.name in plain:
        contents.member(member, raw="tensor")
    elif name.startswith("extra/"):
        contents.member(member, inert_text=not name.lower().endswith(PROGRAMS))
    else:
        contents.member(member, inert_text=name in _RECORDS)


def _payloads(contents: Contents, member: Member) -> Payloads:
    try:
        with zip.open_member(contents.archive, member, contents.examination.budget) as source:
            return torch_export.payloads(_loads(source.read(0, strict_json.MAX_BYTES + 1)))
    except InputError:
        return Payloads(frozenset(), frozenset())  # its members are then examined as anything they may be


def _loads(data: bytes) -> Any:
    return strict_json.loads(data, what="it")
