from __future__ import annotations

from tests.formats.assemble import SHELL, Zip, pickle
from tests.formats.test_executable import elf, pyc
from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict


def test_native_programs_are_unverified() -> None:
    assert rules(elf(2), "server") == ["embedded-code"]
    assert examine(elf(2)).verdict is Verdict.UNVERIFIED


def test_native_libraries_are_not_examined() -> None:
    report = examine(elf(), "libmodel.so")
    assert report.verdict is Verdict.INCOMPLETE
    assert report.coverage[0].reason == "an ELF shared library: native code is not examined"


def test_program_that_says_it_is_a_library() -> None:
    program = bytearray(elf(3))
    program[24:32] = (0x1040).to_bytes(8, "little")
    assert rules(bytes(program), "server") == ["embedded-code"]


def test_compiled_python_that_runs_commands() -> None:
    assert rules(pyc("import os\nos.system('id')"), "model.cpython-311.pyc") == ["harmful-code"]


def test_members_of_a_llamafile_are_examined() -> None:
    program = b"MZqFpD='\n" + bytes(200)
    found = examine(Zip().add("weights.bin", pickle(SHELL)).bytes(prefix=program))
    assert {finding.rule for finding in found.findings} >= {"pickle-unsafe-call", "embedded-code", "polyglot"}
    assert "model.bin!byte 0" not in [entry.path for entry in found.coverage]


def test_words_that_begin_like_a_program() -> None:
    assert rules(b"MZ is what programs begin with\n", "README.md") == []
