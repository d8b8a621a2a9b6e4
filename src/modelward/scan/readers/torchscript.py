"""TorchScript archives: the pickles, and the code of the classes that they use."""

from __future__ import annotations

from collections.abc import Iterator

from modelward.formats import torchscript
from modelward.formats.facts import EmbeddedCode
from modelward.formats.torchscript import MAX_CODE_BYTES, ScriptCheckpoint
from modelward.formats.zip import Member
from modelward.scan.readers import torch_archive
from modelward.scan.readers.judged import Judged, judge_member
from modelward.scan.readers.zip import Contents

#: Files that a program may run, were they named to it.
PROGRAMS = (".py", ".sh", ".bat", ".ps1", ".js", ".ipynb", ".pth")


def fits(contents: Contents) -> bool:
    """Whether torch takes the archive for TorchScript."""
    return torchscript.root_of([member.name for member in contents.archive.members]) is not None


def read(contents: Contents) -> None:
    """Examine code as code, what its users put beside it by its kind, and the rest as torch's archives."""
    contents.reading.format = "TorchScript"
    members = contents.archive.members
    root = torchscript.root_of([member.name for member in members]) or ""
    others: list[Member] = []
    for member in members:
        name = member.name[len(root) :] if member.name.startswith(root) else ""
        low = name.lower()
        if low.startswith("code/") and low.endswith(".py"):
            script_code(contents, member)
        elif low == "traced_inputs.pkl" or (low.endswith((".debug_pkl", ".pkl")) and "/" in name):
            contents.member(member, checkpoint=ScriptCheckpoint())
        elif low.startswith("extra/"):
            contents.member(member, inert_text=not low.endswith(PROGRAMS))
        elif low.startswith(("tensors/", "traced_inputs/")):  # torch leaves those of the inputs empty
            contents.member(member, raw="tensor")
        else:
            others.append(member)
    torch_archive.examine(contents, others, root, ScriptCheckpoint)


def script_code(contents: Contents, member: Member) -> None:
    """Examine a file of TorchScript."""

    def facts(data: bytes) -> Iterator[EmbeddedCode]:
        return torchscript.judge_code(data.decode("utf-8", "backslashreplace"), member.name)

    judge_member(contents, member, Judged("TorchScript code", MAX_CODE_BYTES, facts))
