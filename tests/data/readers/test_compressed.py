from __future__ import annotations

import bz2
import gzip
import lzma
import random
from collections.abc import Callable
from pathlib import Path

import lz4.frame
import pandas as pd
import pytest
import zstandard
from tests.data.readers.reading import ROWS, read_digests, read_rows, refusal, tar

from modelward.core.errors import LimitExceeded
from modelward.data.readers import compressed

PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.compress,
    ".lz4": lz4.frame.compress,
}


@pytest.mark.parametrize("suffix", PACK)
def test_packing_alone_is_no_change(tmp_path: Path, suffix: str) -> None:
    table = pd.DataFrame(ROWS)[["id", "text"]].astype(str)
    for name in ("x.csv", "x.jsonl", "x.json"):
        plain = tmp_path / name
        if name == "x.csv":
            table.to_csv(plain, index=False)
        else:
            table.to_json(plain, orient="records", lines=name.endswith("l"))
        packed = tmp_path / f"{name}{suffix}"
        packed.write_bytes(PACK[suffix](plain.read_bytes()))
        assert read_digests(packed) == read_digests(plain)
        assert len(read_rows(packed)) == len(ROWS)


def test_what_pandas_packs_is_read(tmp_path: Path) -> None:
    table = pd.DataFrame({"a": ["x", "y"] * 20_000})
    expected = [{"a": "x"}, {"a": "y"}] * 20_000
    for suffix in (".gz", ".bz2", ".xz", ".zst"):
        table.to_csv(tmp_path / f"x.csv{suffix}", index=False)
        assert read_rows(tmp_path / f"x.csv{suffix}") == expected


def test_several_streams_in_a_row_are_one(tmp_path: Path) -> None:
    for suffix, pack in PACK.items():
        (tmp_path / f"x.txt{suffix}").write_bytes(pack(b"one\ntw") + pack(b"o\n"))
        assert read_rows(tmp_path / f"x.txt{suffix}") == [{"text": "one"}, {"text": "two"}]


@pytest.mark.parametrize("suffix", PACK)
def test_streams_longer_than_what_is_held_of_them_are_read(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compressed._Forward, "_KEPT", 200_000)
    monkeypatch.setattr("modelward.formats.compressed.CHUNK_BYTES", 100_000)
    line = random.Random(1).randbytes(300_000).hex().encode() + b"\n"
    streams = [PACK[suffix](line * 3), PACK[suffix](b"between\n"), PACK[suffix](line * 2)]
    (tmp_path / f"x.txt{suffix}").write_bytes(b"".join(streams))
    rows = [row["text"] for row in read_rows(tmp_path / f"x.txt{suffix}")]
    text = line.decode().strip()
    assert rows == [text, text, text, "between", text, text]


def test_packed_tars_are_read(tmp_path: Path) -> None:
    plain = tar(tmp_path / "x.tar", {"a.txt": b"one", "a.cls": b"1"}).read_bytes()
    for name in ("x.tar.gz", "x.tgz"):
        (tmp_path / name).write_bytes(gzip.compress(plain))
        assert read_rows(tmp_path / name) == [{"__key__": "a", "txt": "one", "cls": 1}]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.csv.gz", b"a,b\n1,2\n", "not gzip data"),
        ("x.csv.gz", b"", "not gzip data"),
        ("x.csv.gz", bz2.compress(b"a\n1\n"), "not gzip data"),
        ("x.csv.gz", gzip.compress(b"a\n1\n")[:-9], "break off"),
        ("x.csv.gz", gzip.compress(b"a\n1\n") + b"a\n2\n", "stands after the end"),
        ("x.csv.zst", zstandard.compress(b"a\n1\n" * 1000)[:-3], "break off"),
        ("x.jsonl.xz", lzma.compress(b'{"a": 1}\n' * 1000)[:-30], "break off"),
        ("x.jsonl.bz2", b"BZh91AY&SY" + b"\0" * 40, "broken"),
        ("x.tar.gz", gzip.compress(b"no tar" * 200), "not a tar"),
        ("x.tar.gz", gzip.compress(b"no tar" * 200)[:-10], "break off"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,  # gzip writes the time
)
def test_damaged_packing_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    error = refusal(tmp_path / name)
    assert message in error.message
    assert str(error.where).startswith(name)


def test_zeros_behind_the_end_are_padding(tmp_path: Path) -> None:
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(b"a\n1\n") + bytes(5000))
    assert read_rows(tmp_path / "x.csv.gz") == [{"a": "1"}]


@pytest.mark.parametrize("suffix", PACK)
def test_bombs_stop_at_a_ratio(tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compressed, "FREE_BYTES", 1 << 20)
    monkeypatch.setattr(compressed, "MAX_RATIO", 100)
    line = b'{"a": "' + b"x" * 1000 + b'"}\n'
    (tmp_path / f"x.jsonl{suffix}").write_bytes(PACK[suffix](line * 20_000))
    error = refusal(tmp_path / f"x.jsonl{suffix}")
    assert isinstance(error, LimitExceeded)
    assert "100 times its size" in error.message
    assert str(error.where).startswith(f"x.jsonl{suffix}: line ")


def test_bombs_stop_at_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compressed, "MAX_UNPACKED_BYTES", 1 << 20)
    (tmp_path / "x.tar.gz").write_bytes(
        gzip.compress(tar(tmp_path / "x.tar", {"a.bin": bytes(2 << 20)}).read_bytes())
    )
    assert "unpacks to over" in refusal(tmp_path / "x.tar.gz").message
