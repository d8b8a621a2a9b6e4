from __future__ import annotations

from tests.formats.assemble import Zip
from tests.scan.examine import rules


def test_name_that_rewrites_the_terminal() -> None:
    assert rules(Zip().add("a\x1b[2K", b"").bytes()) == ["zip-unsafe-member"]


def test_zip_slip_is_an_escape() -> None:
    assert rules(Zip().add("../README", b"x").bytes()) == ["path-escape"]
    assert rules(Zip().add("README", b"/etc/passwd", mode=0o120777).bytes()) == ["path-escape"]


def test_near_miss_dots_in_a_name() -> None:
    assert rules(Zip().add("a/..b/README", b"x", mode=0o100644).bytes()) == []
