from __future__ import annotations

import tarfile

from tests.formats.assemble_archives import tar
from tests.scan.examine import examine, rules


def test_two_members_of_one_name() -> None:
    (finding,) = examine(tar({"README": b""})[:512] + tar({"README": b""})).findings
    assert finding.rule == "archive-ambiguous"
    assert "two members 'README'" in finding.message


def test_devices() -> None:
    assert rules(tar({}, links=(("null", tarfile.CHRTYPE, ""),))) == ["archive-ambiguous"]


def test_near_miss_folders_and_links_in_the_archive() -> None:
    assert rules(tar({"a/README": b"", "b/README": b""}, links=(("l", tarfile.SYMTYPE, "a/README"),))) == []
