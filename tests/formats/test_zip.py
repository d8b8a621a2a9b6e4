"""Zip archives that show a scanner one thing and a loader another."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.assemble import Zip

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.budget import Budget
from modelward.formats.source import BytesSource, FileSource
from modelward.formats.unpacked import IN_MEMORY_BYTES
from modelward.formats.zip import Archive, open_member, read, unpack_member


def opened(data: bytes, budget: Budget | None = None) -> Archive:
    archive = read(BytesSource(data), budget or Budget())
    assert archive is not None
    return archive


def contents(archive: Archive) -> dict[str, bytes]:
    found = {}
    for member in archive.members:
        with unpack_member(archive, member, Budget()) as content:
            found[member.name] = content.source.read(0, content.source.size)
    return found


def trouble(archive: Archive, budget: Budget | None = None) -> str:
    with unpack_member(archive, archive.members[0], budget or Budget()) as content:
        return content.trouble


def odd(data: bytes) -> list[str]:
    archive = opened(data)
    contents(archive)
    return [anomaly.message for anomaly in archive.anomalies]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_zipfile_writes_has_no_anomaly(method: int) -> None:
    members = {"a/data.pkl": b"x" * 5000, "a/empty": b"", "a/ü": b"y"}
    space = io.BytesIO()
    with zipfile.ZipFile(space, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    assert odd(space.getvalue()) == []
    assert contents(opened(space.getvalue())) == members


class Stream(io.RawIOBase):
    """A stream that cannot seek, so that zipfile writes data descriptors."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.data += data
        return len(data)


def test_data_descriptors_are_no_anomaly() -> None:
    stream = Stream()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a", b"x" * 300)
        archive.writestr("b", b"y")
    assert odd(bytes(stream.data)) == []
    half = bytearray(Zip().add("a", b"xyz", descriptor=True, deflate=True).bytes())
    half[22] = 3  # some writers know one of the sizes
    assert odd(bytes(half)) == []
    assert odd(Zip().add("a", b"x", descriptor=True).add("b", b"", descriptor=True).bytes()) == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (Zip().add("a", b"x", local_name="b").bytes(), "is called 'b' in its local header"),
        (Zip().add("a", b"x").add("a", b"y").bytes(), "there are two members 'a'"),
        (Zip().add("a/data.pkl", b"x").add("a/DATA.PKL", b"y").bytes(), "there are two members 'a/DATA.PKL'"),
        (Zip().add("a", b"x").add("./a", b"y").bytes(), "there are two members './a'"),
        (Zip().add("a", b"x").bytes(prefix=b"evil"), "4 bytes stand before the archive"),
        (Zip().add("a", b"x").bytes(suffix=b"evil"), "comment does not end with the file"),
        (Zip().add("a", b"x", flags=1).bytes(), "has the flags 0x0001"),
        (Zip().add("a", b"x", local_flags=1).bytes(), "another method or other flags"),
        (Zip().add("a", b"xy", size=1).bytes(), "is stored and has two sizes"),
        (Zip().add("a", b"xy" * 99, deflate=True, size=300).bytes(), "does not unpack to its size"),
        (
            Zip().add("a", b"x").add("evil", b"y", local_only=True).bytes(),
            "belong to no entry of the central directory",
        ),
        (
            Zip().add("evil", b"y", local_only=True).add("a", b"x").bytes(),
            "belong to no entry of the central directory",
        ),
        (Zip().add("a\0.txt", b"x").bytes(), "has a NUL in its name"),
        (
            Zip().add("a", b"x", extra=b"\x75\x70\x06\x00\x01\0\0\0\0b").bytes(),
            "has a second name in its extra field",
        ),
        (
            Zip().add("a", b"x").bytes(comment=Zip().add("b", b"y").bytes()),
            "there is a second central directory",
        ),
        (Zip().add("a", b"x").body, "there are members and no central directory"),
    ],
)
def test_what_readers_see_differently_is_an_anomaly(data: bytes, words: str) -> None:
    found = opened(data)
    with suppress(InputError):
        contents(found)
    assert any(words in anomaly.message for anomaly in found.anomalies)


@pytest.mark.parametrize("name", ["/etc/passwd", "../evil", "a/../../b", "..\\evil", "C:evil", "\\\\host\\x"])
def test_member_that_would_be_extracted_elsewhere(name: str) -> None:
    assert [escape.target for escape in opened(Zip().add(name, b"x").bytes()).escapes] == [name]


@pytest.mark.parametrize("name", ["a\\b", "./a", "a/../b", "..a", "a..b"])
def test_member_that_stays(name: str) -> None:
    archive = opened(Zip().add(name, b"x").bytes())
    assert archive.escapes == []
    assert archive.anomalies == []


@pytest.mark.parametrize("name", ["", "a\x1b[31m"])
def test_member_of_an_unsafe_name(name: str) -> None:
    assert [anomaly.unsafe for anomaly in opened(Zip().add(name, b"x").bytes()).anomalies] == [True]


def test_link_that_leads_out() -> None:
    for target in (b"/etc/passwd", b"../x", b"b/../../x"):
        assert len(opened(Zip().add("a", target, mode=0o120777).bytes()).escapes) == 1


def test_link_within_the_archive() -> None:
    archive = opened(Zip().add("lib/a.so", b"x").add("lib/a.so.1", b"a.so", mode=0o120777).bytes())
    assert archive.escapes == []


def test_member_written_through_a_link() -> None:
    archive = Zip().add("d", b"..", mode=0o120777).add("d/evil", b"x")
    assert len(opened(archive.bytes()).escapes) == 2


def test_members_only_one_side_knows_are_read() -> None:
    data = Zip().add("a", b"x").add("hidden", b"y", local_only=True).add("b", b"z").bytes()
    assert contents(opened(data)) == {"a": b"x", "b": b"z", "hidden": b"y"}


def test_two_entries_of_one_member_overlap() -> None:
    archive = Zip().add("a", b"x")
    archive.central *= 2
    archive.count = 2
    assert any("overlaps" in message for message in odd(archive.bytes()))
    twin = Zip().add("b", b"x")
    archive = Zip().add("a", b"x")
    archive.central += twin.central
    archive.count = 2
    assert any("overlaps" in message for message in odd(archive.bytes()))


def test_entry_without_a_local_header_is_not_examined() -> None:
    data = Zip().add("a", b"x").bytes()
    archive = opened(b"XX" + data[2:])
    assert "its data are not where" in trouble(archive)
    assert any("no local header" in anomaly.message for anomaly in archive.anomalies)


def test_flag_for_encryption_hides_nothing() -> None:
    assert contents(opened(Zip().add("a", b"x", flags=1).bytes())) == {"a": b"x"}


def test_crc_is_not_looked_at() -> None:
    assert contents(opened(Zip().add("a", b"crc is zero").bytes())) == {"a": b"crc is zero"}


def test_large_member_is_unpacked_to_a_file() -> None:
    content = bytes(IN_MEMORY_BYTES + 5)
    archive = opened(Zip().add("a", content, deflate=True).bytes())
    with unpack_member(archive, archive.members[0], Budget()) as found:
        assert isinstance(found.source, FileSource)
        assert found.source.size == len(content)
    assert archive.anomalies == []


def test_bomb_stops_at_the_budget() -> None:
    archive = opened(Zip().add("a", bytes(20 << 20), deflate=True).bytes())
    assert "unpacks to over" in trouble(archive, Budget(expanded_bytes=1 << 20))


def test_bomb_stops_at_the_size_it_states() -> None:
    archive = opened(Zip().add("a", bytes(20 << 20), deflate=True, size=1000).bytes())
    budget = Budget()
    assert "unpacks to more" in trouble(archive, budget)
    assert Budget().expanded_bytes - budget.expanded_bytes <= 2 << 20


def test_member_that_cannot_be_had_whole_is_not_opened() -> None:
    archive = opened(Zip().add("a", b"xy" * 99, deflate=True, size=3).bytes())
    member = archive.members[0]
    with pytest.raises(InputError, match="unpacks to more"), open_member(archive, member, Budget()):
        pass


def test_too_many_members() -> None:
    with pytest.raises(LimitExceeded):
        opened(Zip().add("a", b"").add("b", b"").bytes(), Budget(members=1))


def test_what_is_no_zip_is_none() -> None:
    assert read(BytesSource(b"no zip"), Budget()) is None
    assert read(BytesSource(b"PK\x05\x06" + bytes(3)), Budget()) is None


GOOD = (
    Zip().add("a/data.pkl", b"x" * 30).add("b", b"y" * 9, deflate=True).add("c", b"", descriptor=True).bytes()
)


@given(
    st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=6), st.integers(0, 40)
)
@settings(max_examples=max(400, settings.default.max_examples))
def test_damaged_archives_end_in_an_answer(changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(GOOD)
    for at, value in changes:
        data[at] = value
    try:
        archive = read(BytesSource(bytes(data[: len(data) - cut])), Budget())
        for member in archive.members if archive else ():
            with unpack_member(archive, member, Budget()):  # type: ignore[arg-type]
                pass
    except InputError:
        pass
