from __future__ import annotations

import pytest

from modelward.formats.source import CHUNK_BYTES, BytesSource
from modelward.formats.text import is_inert, is_text


@pytest.mark.parametrize(
    "data", [b"", b"plain\r\n\ttext\f", "naïve ☃".encode(), b"x" * (CHUNK_BYTES - 1) + "é".encode()]
)
def test_text(data: bytes) -> None:
    assert is_text(BytesSource(data))


@pytest.mark.parametrize("data", [b"\xff", b"a\x00b", b"\x1b[31m", b"\x7f", "\x9b31m".encode(), b"cut \xc3"])
def test_not_text(data: bytes) -> None:
    assert not is_text(BytesSource(data))


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "docs/LICENSE",
        "licence.txt",
        "vocab.txt",
        "merges.txt",
        ".gitattributes",
        "SHA256SUMS",
        "rows.csv",
    ],
)
def test_text_that_no_program_runs(name: str) -> None:
    assert is_inert(name, BytesSource(b"words"))


@pytest.mark.parametrize(
    "name",
    [
        "train.py",
        "README.py",
        "README",
        "requirements.txt",
        "config.yaml",
        "chat_template.jinja",
        "run",
        "x.pth",
        "vocab.txt.sh",
    ],
)
def test_text_that_a_program_may_run(name: str) -> None:
    assert not is_inert(name, BytesSource(b"#!/bin/sh" if name == "README" else b"words"))
