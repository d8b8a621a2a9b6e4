from __future__ import annotations

import gzip
import io
import os
import random

import joblib
import numpy as np
import pytest
from tests.formats.assemble import SHELL, Zip, number, pickle
from tests.formats.assemble_archives import tar
from tests.formats.test_compressed import WAYS, zfile
from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict

EVIL, GOOD = pickle(SHELL), pickle(number(1))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["model.pkl.gz", "model.joblib", "weights.safetensors", "README.md"])
def test_payload_in_a_compressed_pickle(way: str, name: str) -> None:
    assert examine(WAYS[way](EVIL), name).verdict is Verdict.MALICIOUS


@pytest.mark.parametrize("way", WAYS)
def test_sound_pickles_are_clean(way: str) -> None:
    if "small" not in way:  # which repeats its content
        assert examine(WAYS[way](GOOD), "model.pkl.gz").verdict is Verdict.CLEAN


@pytest.mark.parametrize("way", [way for way in WAYS if way not in ("bzip2", "lz4 of old")])
def test_payload_before_the_break_of_a_truncated_stream(way: str) -> None:
    report = examine(WAYS[way](EVIL + os.urandom(300_000))[:-9])
    assert report.verdict is Verdict.MALICIOUS
    assert not report.coverage[0].examined


@pytest.mark.parametrize("way", WAYS)
def test_payload_behind_a_compressed_stream(way: str) -> None:
    if way not in ("lz4 of old", "zstd in small blocks"):
        assert examine(WAYS[way](GOOD) + EVIL).verdict is Verdict.MALICIOUS


def skippable(data: bytes) -> bytes:
    return b"\x5e\x2a\x4d\x18" + len(data).to_bytes(4, "little") + data


@pytest.mark.parametrize("way", ["zstd", "lz4"])
def test_payload_in_a_frame_that_is_skipped(way: str) -> None:
    packed = WAYS[way](GOOD)
    for sample in (skippable(EVIL) + packed, packed + skippable(EVIL)):
        assert examine(sample, "model.pkl").verdict is Verdict.MALICIOUS
    program = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\0" + bytes(60)
    assert rules(packed + skippable(program)) == ["embedded-code"]


@pytest.mark.parametrize("way", ["zstd", "lz4"])
def test_table_of_offsets_in_a_frame_that_is_skipped_is_data(way: str) -> None:
    table = b"\x12\x34\0\0\xff\xfe\0\0\x01\0\0\0\0\xb1\xea\x92\x8f"
    assert examine(WAYS[way](GOOD) + skippable(table), "model.pkl").verdict is Verdict.CLEAN


def test_what_stands_behind_a_stream_and_is_not_read() -> None:
    assert unexamined(gzip.compress(GOOD) + b"\xff\xfe\xfd") == {
        f"model.bin!byte {len(gzip.compress(GOOD))}": "unknown format, starts ff fe fd"
    }
    assert unexamined(gzip.compress(GOOD) + bytes(100)) == {}


def test_inner_name_has_no_suffix_of_compression() -> None:
    assert [entry.path for entry in examine(gzip.compress(GOOD), "a/model.pkl.gz").coverage] == [
        "a/model.pkl.gz",
        "a/model.pkl.gz!model.pkl",
    ]
    packed = gzip.compress(tar({"x": GOOD}))
    assert examine(packed, "a.tgz").coverage[-1].path == "a.tgz!a.tar!x"


def test_archives_within_compression_within_archives() -> None:
    inner = (
        Zip()
        .add("a.tar.gz", gzip.compress(tar({"b.zip": Zip().add("c", EVIL, deflate=True).bytes()})))
        .bytes()
    )
    assert examine(inner).verdict is Verdict.MALICIOUS


def test_layers_of_compression_end() -> None:
    data = EVIL
    for _ in range(20):
        data = gzip.compress(data)
    assert examine(data).verdict is Verdict.INCOMPLETE


def test_bomb_is_stopped_early() -> None:
    report = examine(gzip.compress(bytes(110 << 20), 9))
    assert report.verdict is Verdict.INCOMPLETE
    assert "times its size" in report.coverage[0].reason


@pytest.mark.parametrize("compress", ["zlib", "gzip", "bz2", "lzma", "xz", "lz4"])
def test_files_that_joblib_writes_are_read_to_their_end(compress: str) -> None:
    space = io.BytesIO()
    joblib.dump({"a": np.arange(99.0), "b": np.array(["x"])}, space, compress=(compress, 3))
    report = examine(space.getvalue(), "model.joblib")
    assert [entry.format for entry in report.coverage][1:] == ["joblib"]
    assert all(entry.examined for entry in report.coverage)


def test_old_joblib_file_is_unpacked() -> None:
    assert rules(zfile(EVIL)) == ["pickle-unsafe-call"]


def test_random_data_is_not_taken_for_compressed() -> None:
    chance = random.Random(1)
    for _ in range(300):
        data = bytes([0x78, 0x9C]) + chance.randbytes(300)
        report = examine(data)
        assert report.verdict is Verdict.INCOMPLETE
        assert len(report.coverage) == 1
