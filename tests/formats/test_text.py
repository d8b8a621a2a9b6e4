from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.formats.source import CHUNK_BYTES, BytesSource
from modelward.formats.text import Kind, is_text, kind_of, other_encoding, passages


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"plain\r\n\ttext\f",
        "naïve ☃".encode(),
        b"x" * (CHUNK_BYTES - 1) + "é".encode(),
        b"x" * 600 + b"\x01",
    ],
)
def test_text(data: bytes) -> None:
    assert is_text(BytesSource(data))


@pytest.mark.parametrize("data", [b"\xff", b"a\x00b", b"cut \xc3", b"\x01\x02abc"])
def test_not_text(data: bytes) -> None:
    assert not is_text(BytesSource(data))


def test_lists_of_words_hold_any_character_but_nul() -> None:
    assert is_text(BytesSource(b"a\n\x01\n\x7f\n"), words=True)
    assert not is_text(BytesSource(b"a\n\x00\n"), words=True)


def test_old_encodings() -> None:
    assert other_encoding("naïve text".encode("latin-1")) == "naïve text"
    assert other_encoding("text".encode("utf-16")) == "text"
    assert other_encoding(bytes(range(256))) is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a/train.py", Kind.PYTHON),
        ("config.yaml", Kind.YAML),
        ("MLmodel", Kind.YAML),
        ("requirements-dev.txt", Kind.REQUIREMENTS),
        ("Dockerfile", Kind.SHELL),
        ("chat_template.jinja", Kind.TEMPLATE),
        ("chat_template_utils.py", Kind.PYTHON),
        ("vocab.txt", Kind.WORDS),
        ("x.pth", Kind.START),
        ("README.md", Kind.PROSE),
        ("notes", Kind.PROSE),
    ],
)
def test_kinds_by_name(name: str, kind: Kind) -> None:
    assert kind_of(name, "words") is kind


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("#!/usr/bin/env python3", Kind.PYTHON),
        ("#!/bin/bash -e", Kind.SHELL),
        ("#!/usr/bin/perl", Kind.PROSE),
    ],
)
def test_first_line_names_the_program(line: str, kind: Kind) -> None:
    assert kind_of("README", line) is kind


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_text_in_wide_encodings(encoding: str) -> None:
    assert other_encoding("{}".encode(encoding)) == "{}"


def test_wide_text_with_nul_is_none() -> None:
    assert other_encoding("a\0b".encode("utf-16")) is None


@given(st.lists(st.sampled_from([b"word\n", b"x" * 3000, b"\n", "naïve\n".encode()]), max_size=40))
def test_passages_have_every_byte_and_count_the_lines(parts: list[bytes]) -> None:
    data = b"".join(parts) * 40
    lines = data.decode().split("\n")
    seen = 0
    for first, text in passages(BytesSource(data)):
        assert lines[first - 1].endswith(text.split("\n")[0]) or len(text.split("\n")[0]) > 4096
        seen = max(seen, first - 1 + text.count("\n"))
    assert not data or seen == data.count(b"\n")


def test_passages_share_what_goes_over_several_lines() -> None:
    data = (b"some words\n" * 100_000)[: (1 << 20) - 100] + b"BEGIN\n" + b"key\n" * 100 + b"END\n" + bytes(9)
    assert any("BEGIN" in text and "END" in text for _, text in passages(BytesSource(data)))
