from __future__ import annotations

import py7zr
import pytest
from tests.formats.assemble import SHELL, number, pickle
from tests.formats.assemble_archives import seven
from tests.formats.test_sevenzip import FILTERS
from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict

EVIL, GOOD = pickle(SHELL), pickle(number(1))


@pytest.mark.parametrize("way", FILTERS)
def test_payload_in_a_solid_archive(way: str) -> None:
    (finding,) = examine(seven({"a.pkl": GOOD, "d/b.pkl": EVIL}, FILTERS[way]), "m.7z").findings
    assert finding.path == "m.7z!d/b.pkl"


def test_sound_archive_is_clean() -> None:
    assert (
        examine(seven({"a.pkl": GOOD, "d/b.pkl": GOOD, "README.md": b"", "empty": b""})).verdict
        is Verdict.CLEAN
    )


def test_payload_behind_the_archive() -> None:
    assert rules(seven({"a.pkl": GOOD}) + EVIL) == ["pickle-unsafe-call"]


def test_members_that_cannot_be_unpacked_are_not_examined() -> None:
    sample = seven({"a": EVIL, "b": GOOD}, [{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 24}])
    assert set(unexamined(sample)) == {"model.bin!a", "model.bin!b"}


def test_damaged_archive_is_not_examined() -> None:
    assert examine(seven({"a": GOOD})[:-4]).verdict is Verdict.INCOMPLETE
