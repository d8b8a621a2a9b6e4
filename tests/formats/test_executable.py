from __future__ import annotations

import marshal
import struct
from importlib.util import MAGIC_NUMBER

import pytest

from modelward.formats.executable import recognise
from modelward.formats.source import BytesSource


def elf(kind: int = 3) -> bytes:
    return b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + struct.pack("<H", kind) + bytes(60)


def pe(flags: int = 0x2002) -> bytes:
    return b"MZ".ljust(60, b"\0") + struct.pack("<I", 64) + b"PE\0\0" + bytes(18) + struct.pack("<H", flags)


def pyc(source: str) -> bytes:
    header = MAGIC_NUMBER + bytes(12)
    return header + marshal.dumps(compile(source, "m.py", "exec"))


def kind(data: bytes) -> str | None:
    found = recognise(BytesSource(data))
    return found.kind if found else None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (elf(), "an ELF shared library"),
        (elf(2), "an ELF program"),
        (pe(), "a Windows library"),
        (pe(2), "a Windows program"),
        (b"MZ".ljust(60, b"\0") + struct.pack("<I", 64) + bytes(40), "a DOS program"),
        (b"MZqFpD='\n" + bytes(99), "a program for many systems (APE, as a llamafile is)"),
        (b"jartsr='\n" + bytes(99), "a program for many systems (APE, as a llamafile is)"),
        (b"\xcf\xfa\xed\xfe" + bytes(8) + struct.pack("<I", 6) + bytes(20), "a Mach-O library"),
        (b"\xfe\xed\xfa\xce" + bytes(8) + struct.pack(">I", 2) + bytes(20), "a Mach-O program"),
        (b"\xca\xfe\xba\xbe" + struct.pack(">I", 2) + bytes(60), "a universal Mach-O file"),
        (b"\xca\xfe\xba\xbe" + struct.pack(">I", 61) + bytes(60), "a Java class"),
        (b"\0asm\1\0\0\0", "a WebAssembly module"),
        (b"!<arch>\n", "a library of object files"),
        (pyc("x = 1"), "compiled Python"),
    ],
)
def test_programs(data: bytes, words: str) -> None:
    assert kind(data) == words


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"MZ",
        b"MZ said the cat, and so on" * 9,
        b"\x7fELF",
        b"ab\r\nwords",
        b"\xca\xfe\xba\xbe" + bytes(9),
    ],
)
def test_what_only_begins_like_one(data: bytes) -> None:
    assert kind(data) is None


def test_compiled_python_shows_what_it_uses() -> None:
    found = recognise(BytesSource(pyc("import os\nos.system('id')")))
    assert found is not None
    assert found.harm == "runs a shell command"
    harmless = recognise(BytesSource(pyc("def f():\n    return 2")))
    assert harmless is not None
    assert harmless.harm is None
