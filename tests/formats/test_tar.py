from __future__ import annotations

import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.assemble_archives import tar

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.budget import Budget
from modelward.formats.source import BytesSource
from modelward.formats.tar import Archive, read

LONG = "d" * 90 + "/" + "e" * 60 + "/" + "f" * 40
MEMBERS = {"a": b"x" * 700, LONG: b"y", "ü": b"", "./b": b"z" * 512}


def opened(data: bytes) -> Archive:
    archive = read(BytesSource(data), Budget())
    assert archive is not None
    return archive


def contents(archive: Archive) -> dict[str, bytes]:
    return {
        member.name: source.read(0, source.size)
        for member in archive.members
        for source in (archive.content(member),)
    }


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_what_tarfile_writes(form: int) -> None:
    archive = opened(tar(MEMBERS, form=form))
    assert contents(archive) == MEMBERS
    assert (archive.oddities, archive.escapes, archive.trouble) == ([], [], "")
    assert archive.end == archive.source.size


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_very_long_names(form: int) -> None:
    name = "/".join(["n" * 200] * 5)
    assert contents(opened(tar({name: b"x"}, form=form))) == {name: b"x"}


def test_members_behind_the_end_are_found() -> None:
    archive = opened(tar({"a": b"x"}) + tar({"b": b"y"}))
    assert list(contents(archive)) == ["a", "b"]
    assert ["it goes on" in oddity.message for oddity in archive.oddities] == [True]


def test_one_block_of_zeros_amid_the_headers_hides_nothing() -> None:
    archive = opened(tar({"a": b"x"})[:1024] + bytes(512) + tar({"b": b"y"}))
    assert list(contents(archive)) == ["a", "b"]


def test_two_members_of_one_name() -> None:
    archive = opened(tar({"a": b"x"})[:1024] + tar({"./a": b"y"}))
    assert [oddity.message for oddity in archive.oddities] == ["there are two members './a'"]


@pytest.mark.parametrize(
    ("kind", "words"), [(tarfile.CHRTYPE, "character device"), (tarfile.FIFOTYPE, "pipe")]
)
def test_devices_and_pipes(kind: bytes, words: str) -> None:
    archive = opened(tar({}, links=(("d", kind, ""),)))
    assert [words in oddity.message for oddity in archive.oddities] == [True]
    assert archive.members == []


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_links_by_long_targets_lead_out(form: int) -> None:
    target = "/".join([".."] * 60) + "/etc"
    archive = opened(tar({}, form=form, links=(("l", tarfile.SYMTYPE, target),)))
    assert [escape.target for escape in archive.escapes] == [target]


def test_file_that_breaks_off() -> None:
    archive = opened(tar({"a": b"x" * 700})[:900])
    assert archive.members[0].trouble == "it breaks off"
    assert contents(archive) == {"a": b"x" * 388}


def test_sparse_files_are_not_read() -> None:
    header = tarfile.TarInfo("a")
    header.type = tarfile.GNUTYPE_SPARSE
    archive = opened(header.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
    assert "holes" in archive.members[0].trouble


def test_header_whose_checksum_is_wrong_is_trouble() -> None:
    data = bytearray(tar({"a": b"", "b": b""}))
    data[512] ^= 1
    assert "no header" in opened(bytes(data)).trouble


def test_sizes_that_are_not_octal() -> None:
    """GNU's binary numbers; one that is negative is no header."""
    header = tarfile.TarInfo("a")
    header.size = 1 << 40
    archive = opened(header.tobuf(tarfile.GNU_FORMAT))
    assert archive.members[0].size == 1 << 40


def test_budget_of_members() -> None:
    with pytest.raises(LimitExceeded):
        read(BytesSource(tar(MEMBERS)), Budget(members=2))


def test_what_is_no_tar() -> None:
    for data in (b"", b"x" * 600, bytes(1024), tar({"a": b""})[:500]):
        assert read(BytesSource(data), Budget()) is None


GOOD = tar(MEMBERS, links=(("l", tarfile.SYMTYPE, "a"),))[:6000]


@given(
    st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=6),
    st.integers(0, 2000),
    st.booleans(),
)
@settings(max_examples=max(300, settings.default.max_examples), deadline=None)
def test_damaged_archives_end_in_an_answer(changes: list[tuple[int, int]], cut: int, mend: bool) -> None:
    data = bytearray(GOOD)
    for at, value in changes:
        data[at] = value
        if mend:
            begin = at // 512 * 512
            block = data[begin : begin + 512]
            total = sum(block) - sum(block[148:156]) + 256
            data[begin + 148 : begin + 156] = b"%06o\0 " % total
    try:
        archive = read(BytesSource(bytes(data[: len(data) - cut])), Budget())
    except InputError:
        return
    if archive:
        contents(archive)
