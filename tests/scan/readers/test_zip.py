from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
import zstandard
from tests.formats.assemble import SHELL, Zip, checkpoint, pickle, tensor
from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict
from modelward.formats.budget import Budget


def test_members_are_named_after_the_archive() -> None:
    (finding,) = examine(checkpoint(SHELL).bytes()).findings
    assert finding.path == "model.bin!archive/data.pkl"


def test_folders_are_no_members() -> None:
    assert [entry.path for entry in examine(Zip().add("a/", b"").add("a/README", b"x").bytes()).coverage] == [
        "model.bin",
        "model.bin!a/README",
    ]


def test_method_that_is_not_read_is_not_examined() -> None:
    data = bytearray(Zip().add("a", b"x").bytes())
    data[8] = data[data.index(b"PK\x01\x02") + 10] = 99
    assert unexamined(bytes(data)) == {
        "model.bin!a": "it is compressed by AES, and encrypted, which this version does not read"
    }


def test_storage_of_another_size() -> None:
    assert rules(checkpoint(tensor(elements=4), storages={"0": bytes(15)}).bytes()) == [
        "torch-storage-mismatch"
    ]


def test_storage_that_is_missing() -> None:
    assert rules(checkpoint(tensor()).bytes()) == ["torch-storage-mismatch"]


def test_data_pkl_in_other_letters_is_read_as_torch_reads_it() -> None:
    archive = Zip().add("archive/data.pkl", pickle(tensor())).add("archive/DATA.PKL", pickle(SHELL))
    assert examine(archive.add("archive/data/0", bytes(16)).bytes()).verdict is Verdict.MALICIOUS


def test_broken_directory_is_not_clean() -> None:
    data = bytearray(Zip().add("README", b"x").add("NOTICE", b"y").bytes())
    data[data.rindex(b"PK\x01\x02")] = 0
    assert examine(bytes(data)).verdict is Verdict.INCOMPLETE


def test_bytes_before_the_archive_are_examined_on_their_own() -> None:
    assert unexamined(Zip().add("README", b"x").bytes(prefix=b"\xfe\xff\xfe")) == {
        "model.bin!byte 0": "unknown format, starts fe ff fe"
    }


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_payload_compressed_by_any_method(method: int) -> None:
    space = io.BytesIO()
    with zipfile.ZipFile(space, "w", method) as archive:
        archive.writestr("README", b"x" * 9999)
        archive.writestr("a.pkl", pickle(SHELL))
    assert rules(space.getvalue()) == ["pickle-unsafe-call"]
    assert unexamined(space.getvalue()) == {}


def test_payload_compressed_by_zstd() -> None:
    packed = zstandard.ZstdCompressor().compress(pickle(SHELL))
    data = bytearray(Zip().add("a", packed, size=len(pickle(SHELL))).bytes())
    data[8] = data[data.index(b"PK\x01\x02") + 10] = 93
    data[18:26] = struct.pack("<LL", len(packed), len(pickle(SHELL)))
    assert rules(bytes(data)) == ["pickle-unsafe-call"]


def test_payload_before_the_break_of_a_member() -> None:
    """The sizes tell of less or of more than there is, or the data are cut; some loaders do not care."""
    content = pickle(SHELL) + bytes(range(256)) * 99
    for size in (5, len(content) + 5):
        assert "pickle-unsafe-call" in rules(Zip().add("a.pkl", content, deflate=True, size=size).bytes())
    assert "pickle-unsafe-call" in rules(Zip().add("a.pkl", content, deflate=True).body[:-9])


def test_payload_in_members_that_only_local_headers_tell_of_and_of_unknown_size() -> None:
    hidden = Zip().add("a.pkl", pickle(SHELL), deflate=True, descriptor=True).add("README", b"x")
    assert "pickle-unsafe-call" in rules(hidden.body)


def test_members_that_lie_over_each_other_are_a_bomb() -> None:
    inner = Zip().add("README", b"x").bytes()
    for _ in range(7):
        archive = Zip().add("a.zip", inner)
        archive.central, archive.count = archive.central * 30, 30
        inner = archive.bytes()
    report = examine(inner)
    assert report.verdict is Verdict.UNVERIFIED
    assert len(report.coverage) < 20_000


def test_archive_that_holds_itself_without_end() -> None:
    """Each level holds the one before, deeper than anything that is of use."""
    inner = Zip().add("README", b"x").bytes()
    for _ in range(300):
        inner = Zip().add("a.zip", inner).bytes()
    assert "over 8 levels deep" in next(iter(unexamined(inner).values()))


def test_bombs_in_a_bomb_are_measured_together() -> None:
    small = Zip().add("a", bytes(90 << 20), deflate=True).bytes()
    archive = Zip()
    for number in range(20):
        archive.add(str(number), small, deflate=True)
    budget = Budget()
    assert examine(archive.bytes(), budget=budget).verdict is Verdict.INCOMPLETE
    assert budget.out <= 300 << 20


def test_payload_in_the_comment_of_the_archive() -> None:
    hidden = Zip().add("payload.pkl", pickle(SHELL)).body
    for comment in (hidden, pickle(SHELL), b"cos\nsystem\n(S'id'\ntR."):
        assert examine(Zip().add("a.txt", b"x").bytes(comment=comment)).verdict is Verdict.MALICIOUS
    assert examine(Zip().add("a.txt", b"x").bytes(comment=b"made by hand")).verdict is Verdict.CLEAN


@pytest.mark.parametrize(
    ("end", "found"), [(b"\n.", set()), (b"\n" + SHELL, {"pickle-unsafe-call", "pickle-unexpected-use"})]
)
def test_checksum_that_reads_like_the_end_of_a_pickle_is_none_but_a_payload_is(
    end: bytes, found: set[str]
) -> None:
    checksums = ((str(n).encode(), zlib.crc32(str(n).encode()).to_bytes(4, "little")) for n in range(1 << 22))
    text = next(text for text, checksum in checksums if b"\n." in checksum and checksum.isascii())
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.txt", (2020, 2, 2, 2, 2, 2)), text)
    head, _, rest = stream.getvalue().partition(b"\n.")
    assert len(head) < 18
    assert set(rules(head + end + rest, "x.zip")) & {"pickle-unsafe-call", "pickle-unexpected-use"} == found
