from __future__ import annotations

from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict

BOMB = b'<!DOCTYPE x [<!ENTITY a "&a;">]><x>&a;</x>'
XXE = b'<?xml version="1.0"?><!DOCTYPE PMML [<!ENTITY e SYSTEM "file:///etc/passwd">]><PMML>&e;</PMML>'


def test_entity_that_reads_a_file_is_malicious() -> None:
    assert rules(XXE, "model.pmml") == ["path-escape"]
    assert rules(XXE.decode().encode("utf-16"), "model.pmml") == ["path-escape"]


def test_entity_bomb_is_malicious() -> None:
    assert rules(BOMB, "model.xml") == ["xml-entity-bomb"]


def test_plain_documents_are_clean_and_examined() -> None:
    report = examine(b'<PMML version="4.4"><Header/></PMML>', "model.pmml")
    assert report.verdict is Verdict.CLEAN
    assert report.coverage[0].format.startswith("PMML")


def test_document_that_breaks_off_is_not_clean() -> None:
    assert unexamined(b"<PMML><Header>", "model.pmml")
    assert rules(XXE[:-7], "model.pmml") == ["path-escape"]


def test_text_that_begins_with_an_angle_is_no_xml() -> None:
    assert "XML" not in examine(b"<- that is an arrow", "notes.txt").coverage[0].format
