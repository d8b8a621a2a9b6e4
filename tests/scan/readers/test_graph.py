from __future__ import annotations

from collections.abc import Iterator

from modelward.core.errors import InputError
from modelward.formats.facts import PathEscape
from modelward.formats.graph_facts import Nested, Unread
from modelward.formats.source import BytesSource
from modelward.scan.examination import Examination, Place, Reading
from modelward.scan.readers.graph import show


def test_facts_go_to_the_rules_and_files_within_are_examined() -> None:
    def things() -> Iterator[object]:
        yield PathEscape("a tensor", "/etc/passwd", "it is read")
        yield Nested("config.json", 2, 2)
        yield Unread("a part was not read")
        yield Unread("another was not either")
        raise InputError("it breaks off")

    reading, examination = Reading("x"), Examination()
    show(things(), reading, BytesSource(b"xx{}xx"), Place("model", "model"), examination)
    assert reading.problem == "it breaks off"
    assert [entry.path for entry in examination.report.coverage] == ["model!config.json"]
    assert [finding.rule for finding in reading.hits.findings("model")] == ["path-escape"]
