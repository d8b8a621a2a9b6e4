from __future__ import annotations

from tests.formats.assemble import Zip
from tests.scan.examine import rules


def test_name_that_leads_out() -> None:
    assert rules(Zip().add("../README", b"x").bytes()) == ["zip-unsafe-member"]


def test_link() -> None:
    assert rules(Zip().add("README", b"/etc/passwd", mode=0o120777).bytes()) == ["zip-unsafe-member"]


def test_near_miss_dots_in_a_name() -> None:
    assert rules(Zip().add("a/..b/README", b"x", mode=0o100644).bytes()) == []
