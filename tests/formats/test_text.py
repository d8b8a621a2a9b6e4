from __future__ import annotations

import pytest

from modelward.formats.source import CHUNK_BYTES, BytesSource
from modelward.formats.text import Kind, is_text, kind_of, other_encoding


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
