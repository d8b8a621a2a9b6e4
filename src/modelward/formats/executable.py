"""Programs and libraries of native or compiled code: what they are, not what they do."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from modelward.formats.bytecode import compiled
from modelward.formats.source import Source

MAX_COMPILED_BYTES = 16 << 20

_ELF_KINDS = {1: "an ELF object file", 2: "an ELF program", 3: "an ELF shared library", 4: "an ELF core dump"}
_MACH_KINDS = {1: "a Mach-O object file", 2: "a Mach-O program", 6: "a Mach-O library", 8: "a Mach-O bundle"}
_MACH = (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xfe\xed\xfa\xcf", b"\xfe\xed\xfa\xce")
_FAT = (b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf")
_OTHERS = {
    b"\0asm": "a WebAssembly module",
    b"!<arch>\n": "a library of object files",
    b"BC\xc0\xde": "LLVM bitcode",
    b"dex\n": "an Android program",
    b"\x50\xed\x55\xba": "a CUDA program",
}
_MOST_ARCHITECTURES = (
    40  # of a universal binary; Java's class files have their version, from 45 on, in its place
)


class Program(Struct, frozen=True):
    """What it is (`an ELF shared library`); of compiled Python the names it uses, and harm that they show."""

    kind: str
    names: str = ""
    harm: str | None = None

    @property
    def is_linked(self) -> bool:
        """Whether it is no program but a part of some: it runs only where another program loads it."""
        return self.kind.endswith(("library", "object file", "object files", "bundle", "core dump"))


def recognise(source: Source) -> Program | None:
    """What program these bytes are, or None."""
    head = source.read(0, 64)
    if head.startswith((b"MZqFpD='", b"jartsr='")):
        return Program("a program for many systems (APE, as a llamafile is)")
    if head.startswith(b"MZ"):
        kind = _windows(source, head)
    elif head.startswith(b"\x7fELF") and len(head) >= 20 and head[4] in (1, 2) and head[5] in (1, 2):
        kind = _elf(head)
    elif head.startswith(_MACH) and len(head) >= 28:
        order = "little" if head[0] in (0xCF, 0xCE) else "big"
        kind = _MACH_KINDS.get(int.from_bytes(head[12:16], order), "a Mach-O file")  # type: ignore[arg-type]
    elif head.startswith(_FAT):
        count = int.from_bytes(head[4:8], "big")
        kind = "a universal Mach-O file" if 0 < count < _MOST_ARCHITECTURES else _java(count)
    elif head[2:4] == b"\r\n":
        return _python(source)
    else:
        kind = next((kind for magic, kind in _OTHERS.items() if head.startswith(magic)), "")
    return Program(kind) if kind else None


def _elf(head: bytes) -> str:
    order: Literal["little", "big"] = "little" if head[5] == 1 else "big"
    kind = int.from_bytes(head[16:18], order)
    # A program that can lie anywhere in memory says that it is a library; but it has a beginning.
    begins = any(head[24 : 24 + (4 if head[4] == 1 else 8)])
    return _ELF_KINDS.get(2 if kind == 3 and begins else kind, "an ELF file")


def _windows(source: Source, head: bytes) -> str:
    at = int.from_bytes(head[60:64], "little")
    header = source.read(at, 24)
    if not header.startswith(b"PE\0\0"):
        return "" if len(head) < 64 or not 0x40 <= at < source.size else "a DOS program"
    return "a Windows library" if int.from_bytes(header[22:24], "little") & 0x2000 else "a Windows program"


def _java(version: int) -> str:
    return "a Java class" if 45 <= version & 0xFFFF < 120 else ""


def _python(source: Source) -> Program | None:
    if source.size > MAX_COMPILED_BYTES:
        return None
    found = compiled(source.read(0, source.size))
    return Program("compiled Python", *found) if found else None
