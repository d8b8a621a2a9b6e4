from __future__ import annotations

from tests.scan.examine import examine

from modelward.core.finding import Verdict
from modelward.formats.source import BytesSource
from modelward.formats.tfrecord import begins, facts, is_events

#: The first record of every event file: a time, and the version.
FIRST = bytes.fromhex("180000000000000 0a37f4b22".replace(" ", "")) + (
    b"\x09\0\0\xc0\x14\xb4\x93\xd9\x41\x1a\x0dbrain.Event:2" + bytes(4)
)


def test_event_files_are_known_by_the_checksum_of_a_length() -> None:
    assert begins(FIRST)
    assert not begins(bytes(12))
    assert is_events(BytesSource(FIRST))


def test_records_are_followed_to_the_end() -> None:
    report = examine(FIRST * 3, "events.out.tfevents.1")
    assert (report.verdict, report.coverage[0].format) == (Verdict.CLEAN, "TensorBoard events")


def test_a_file_that_goes_on_or_breaks_off_is_incomplete() -> None:
    assert len(list(facts(BytesSource(FIRST + b"more")))) == 1
    assert len(list(facts(BytesSource(FIRST[:-3])))) == 1
    assert examine(FIRST + b"more").verdict is Verdict.INCOMPLETE
