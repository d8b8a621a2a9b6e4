from __future__ import annotations

import struct

import pytest
from tests.formats.assemble import SHELL, Zip, pickle
from tests.formats.assemble_archives import png
from tests.formats.assemble_media import WHOLE
from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict


def test_picture_is_clean_whatever_it_is_called() -> None:
    for name in ("logo.png", "model.bin", "notes.txt"):
        assert examine(png(), name).verdict is Verdict.CLEAN


def test_payload_behind_a_picture() -> None:
    assert rules(png() + pickle(SHELL), "logo.png") == ["pickle-unsafe-call"]


def test_picture_that_is_an_archive_too() -> None:
    sample = png() + Zip().add("data.pkl", pickle(SHELL)).bytes()
    assert {"pickle-unsafe-call", "polyglot"} <= set(rules(sample, "logo.png"))
    assert "polyglot" in rules(png() + Zip().add("README", b"x").bytes(), "logo.png")


def test_what_stands_behind_a_picture_and_is_not_read() -> None:
    assert unexamined(png() + b"\xff\xfe\xfd") == {
        f"model.bin!byte {len(png())}": "unknown format, starts ff fe fd"
    }


def test_document_is_data() -> None:
    assert examine(b"%PDF-1.4\n1 0 obj\nendobj\n%%EOF\n", "paper.pdf").verdict is Verdict.CLEAN


ELF = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQ", 2, 62, 1, 0x400000) + bytes(60)
OPEN = (b"fLaC\x80\0\0\x22" + bytes(300), bytes(128) + b"DICM" + bytes(300), b"ID3\x03" + bytes(300))


@pytest.mark.parametrize("kind", WHOLE)
def test_payload_behind_data_whose_lengths_end_before_it(kind: str) -> None:
    assert examine(WHOLE[kind], "data.bin").verdict is Verdict.CLEAN
    assert "pickle-unsafe-call" in rules(WHOLE[kind] + pickle(SHELL), "data.bin")
    assert "embedded-code" in rules(WHOLE[kind] + ELF, "data.bin")
    archive = Zip().add("data.pkl", pickle(SHELL)).bytes()
    assert "pickle-unsafe-call" in rules(WHOLE[kind] + archive, "data.bin")


@pytest.mark.parametrize("data", OPEN)
def test_payload_amid_data_that_do_not_say_where_they_end(data: bytes) -> None:
    assert examine(data, "data.bin").verdict is Verdict.CLEAN
    assert examine(data + b"\x80\x04K\x01.\x7fELF\x01 MZ", "data.bin").verdict is Verdict.CLEAN
    assert rules(data + pickle(SHELL), "data.bin") == ["pickle-unsafe-call"]
    assert rules(data + ELF, "data.bin") == ["embedded-code"]
    library = ELF[:16] + b"\x03\0" + ELF[18:24] + bytes(8) + ELF[32:]
    assert rules(data + library, "data.bin") == ["embedded-code"]


def test_text_that_begins_like_a_picture_is_text() -> None:
    for text in (b"RIFF raff\n", b"ORCHESTRA\n", b"glTF is a format\n", b"ID3 is a tree\n", b"OTTO von\n"):
        assert examine(text, "notes.txt").verdict is Verdict.CLEAN


def test_broken_picture_is_not_examined() -> None:
    assert unexamined(b"\x89PNG\r\n\x1a\n" + bytes(99)) == {"model.bin": "the picture is broken"}
