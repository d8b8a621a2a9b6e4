from __future__ import annotations

from tests.formats.assemble import Zip
from tests.scan.examine import examine, rules

NAME = "README"


def test_member_with_two_names() -> None:
    (finding,) = examine(Zip().add(NAME, b"x", local_name="NOTICE").bytes()).findings
    assert finding.rule == "zip-ambiguous"
    assert finding.message.startswith("this archive can be read in more than one way: ")
    assert finding.message.endswith("member 'README' is called 'NOTICE' in its local header")


def test_near_miss_archive_stored_in_an_archive() -> None:
    inner = Zip().add("README", b"x").bytes()
    assert rules(Zip().add("inner.zip", inner).bytes()) == []


def test_duplicate_hidden_and_prepended() -> None:
    assert rules(Zip().add(NAME, b"x").add(NAME, b"y").bytes()) == ["zip-ambiguous"]
    assert rules(Zip().add(NAME, b"x").add("NOTICE", b"y", local_only=True).bytes()) == ["zip-ambiguous"]
    assert rules(Zip().add(NAME, b"x").bytes(prefix=b"\x00")) == ["zip-ambiguous"]


def test_near_miss_descriptor_comment_and_utf8_name() -> None:
    assert (
        rules(Zip().add("README", b"x", descriptor=True, flags=0x800).bytes(comment=b"made by a tool")) == []
    )
