from __future__ import annotations

from collections.abc import Iterator

from tests.formats.assemble import Zip

from modelward.formats import zip
from modelward.formats.facts import Malformed
from modelward.formats.source import BytesSource
from modelward.scan.examination import Examination, Place, Reading
from modelward.scan.readers.judged import Judged, judge_member
from modelward.scan.readers.zip import Contents


def facts(data: bytes) -> Iterator[Malformed]:
    yield Malformed("test", f"{len(data)} bytes")


def judged(data: bytes, way: Judged, *, method: int = 0) -> Examination:
    examination = Examination()
    file = Zip().add("a", data).bytes()
    file = file[:8] + bytes([method]) + file[9:] if method else file
    archive = zip.read(
        BytesSource(file.replace(b"PK\1\2\x14\3\x14\0\0\0\0", b"PK\1\2\x14\3\x14\0\0\0" + bytes([method]))),
        examination.budget,
    )
    assert archive is not None
    place = Place("m.zip", "m.zip")
    judge_member(Contents(archive, place, examination, Reading("zip")), archive.members[0], way)
    return examination


def test_facts_are_shown_under_the_member_s_name() -> None:
    report = judged(b"abc", Judged("test", 10, facts)).report
    assert [(one.path, one.rule) for one in report.findings] == [("m.zip!a", "malformed")]
    assert [(entry.path, entry.format, entry.examined) for entry in report.coverage] == [
        ("m.zip!a", "test", True)
    ]


def test_too_much_is_not_examined() -> None:
    (entry,) = judged(b"abc", Judged("test", 2, facts)).report.coverage
    assert entry.reason == "it is over 0 MiB of test"


def test_what_cannot_be_unpacked_is_not_examined() -> None:
    (entry,) = judged(b"abc", Judged("test", 10, facts), method=99).report.coverage
    assert not entry.examined
