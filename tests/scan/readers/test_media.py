from __future__ import annotations

from tests.formats.assemble import SHELL, Zip, pickle
from tests.formats.assemble_archives import png
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
    assert examine(b"%PDF-1.4\n1 0 obj\nendobj\n", "paper.pdf").verdict is Verdict.CLEAN
