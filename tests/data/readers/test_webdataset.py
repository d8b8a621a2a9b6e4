from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
import webdataset
from tests.data.readers.reading import ROWS, read_digests, read_rows, refusal, tar

from modelward.core.errors import LimitExceeded
from modelward.data.readers import webdataset as reader


def test_what_webdataset_writes_is_read(tmp_path: Path) -> None:
    with webdataset.TarWriter(str(tmp_path / "x.tar")) as writer:
        for number in range(3):
            writer.write(
                {
                    "__key__": f"dir/s{number}",
                    "left.PNG": bytes([number]),
                    "json": ROWS[number],
                    "txt": f"text {number}",
                    "cls": number,
                }
            )
    rows = read_rows(tmp_path / "x.tar")
    assert [row["__key__"] for row in rows] == ["dir/s0", "dir/s1", "dir/s2"]
    assert rows[2]["left.png"] == b"\x02"
    assert rows[2]["json"] == ROWS[2]
    assert (rows[1]["txt"], rows[1]["cls"]) == ("text 1", 1)


def test_an_archive_packed_in_another_way_is_no_change(tmp_path: Path) -> None:
    members = {"a.txt": b"1", "a.json": b'{"x": null, "y": 1}', "b.txt": b"2"}
    plain = read_digests(tar(tmp_path / "x.tar", members))
    with tarfile.open(tmp_path / "y.tar", "w", format=tarfile.GNU_FORMAT) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.uname = len(data), 99, "somebody"
            archive.addfile(info, io.BytesIO(data))
    assert read_digests(tmp_path / "y.tar") == plain


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"a.txt": b"\xff"}, "not UTF-8"),
        ({"a.json": b'{"a": 1, "a": 2}'}, "duplicate key"),
        ({"a.json": b"[" * 1000}, "deeper"),
        ({"a.cls": b"1.5"}, "not an integer"),
        ({"a": b""}, "KEY.EXTENSION"),
        ({"a/.b": b""}, "KEY.EXTENSION"),
        ({"a.txt": b"1", "b.txt": b"2", "a.cls": b"1"}, "do not lie together"),
        ({"a.txt": b"1", "a.TXT": b"2"}, "twice"),
        ({"a.txt": b"1", "./a.txt": b"2"}, "two members"),
        ({"a.txt": special("a.txt", tarfile.FIFOTYPE)}, "pipe"),
        ({"a.txt": special("a.txt", tarfile.CHRTYPE)}, "device"),
        ({"a.txt": special("a.txt", tarfile.SYMTYPE, "/etc/passwd")}, "out of the archive"),
        ({"../a.txt": b"1"}, "out of the archive"),
        ({"/etc/a.txt": b"1"}, "out of the archive"),
    ],
)
def test_hostile_archives_are_refused_by_member(
    tmp_path: Path, members: dict[str, bytes | tarfile.TarInfo], message: str
) -> None:
    error = refusal(tar(tmp_path / "x.tar", members))
    assert message in error.message
    assert str(error.where).startswith("x.tar: ")


def test_a_member_that_leads_out_is_named(tmp_path: Path) -> None:
    error = refusal(tar(tmp_path / "x.tar", {"a.txt": b"1", "../b.txt": b"1"}))
    assert error.where == "x.tar: '../b.txt'"
    assert error.message == "it leads out of the archive: unpacking it writes there"


def test_members_behind_the_end_are_refused(tmp_path: Path) -> None:
    one = tar(tmp_path / "x.tar", {"a.txt": b"1"}).read_bytes()
    (tmp_path / "x.tar").write_bytes(one + one)
    assert "after its end" in refusal(tmp_path / "x.tar").message
    (tmp_path / "x.tar").write_bytes(one[:700])
    assert "cut off" in refusal(tmp_path / "x.tar").message


def test_large_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_ROW_BYTES", 100)
    monkeypatch.setattr(reader, "MAX_MEDIA_BYTES", 1000)
    for name, size in (("a.txt", 101), ("a.png", 1001)):
        error = refusal(tar(tmp_path / "x.tar", {name: bytes(size)}))
        assert isinstance(error, LimitExceeded)
        assert name in str(error.where)
    assert len(read_rows(tar(tmp_path / "x.tar", {"a.png": bytes(1000)}))) == 1
