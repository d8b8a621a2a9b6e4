from __future__ import annotations

from pathlib import Path

from tests.data.readers.reading import read_rows, refusal


def test_a_row_is_a_line(tmp_path: Path) -> None:
    content = "one\n\n two \r\nthree\u2028still three\x0c\nlast"
    (tmp_path / "x.txt").write_bytes(content.encode())
    rows = [row["text"] for row in read_rows(tmp_path / "x.txt")]
    assert rows == ["one", "", " two ", "three\u2028still three\x0c", "last"]
    (tmp_path / "y.txt").write_bytes("\ufeffone\n".encode())
    assert read_rows(tmp_path / "y.txt") == [{"text": "one"}]
    (tmp_path / "empty.txt").write_bytes(b"")
    assert read_rows(tmp_path / "empty.txt") == []


def test_broken_text_is_refused_at_its_line(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_bytes(b"one\ntw\xff\n")
    error = refusal(tmp_path / "x.txt")
    assert error.where == "x.txt: line 2"
    assert "not UTF-8" in error.message
