from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.artifact import names
from modelward.core.errors import InputError


@pytest.mark.parametrize(
    "name", ["a", "a/b/c.bin", "größe 模型.bin", "-x", "a/-", "*star", " lead", "#x", "...", ".git"]
)
def test_ordinary_and_odd_but_safe_names_are_taken(name: str) -> None:
    names.check_name(name)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("a\nb", "control"),
        ("a\rb", "control"),
        ("\x00", "control"),
        ("a\x1b[31m", "control"),
        ("a\x7f", "control"),
        ("a\x85b", "control"),
        ("a\\b", "backslash"),
        ("/etc/passwd", "absolute"),
        ("../x", r"'\.\.'"),
        ("a/../../x", r"'\.\.'"),
        ("", "empty part"),
        ("a//b", "empty part"),
        ("a/", "empty part"),
        ("./a", "empty part"),
        ("-", "standard input"),
        ("a\udcff", "UTF-8"),
        ("a" * 4097, "4096 bytes"),
        ("é" * 2049, "4096 bytes"),
        ("/".join("a" * 129), "128 levels"),
    ],
)
def test_name_that_a_manifest_cannot_hold_is_refused(name: str, why: str) -> None:
    with pytest.raises(InputError, match=why) as caught:
        names.check_name(name)
    assert caught.value.where == (name or "(empty name)")
    assert caught.value.help


def test_name_that_is_not_utf8_is_refused_and_shown() -> None:
    assert names.decode_name("é".encode()) == "é"
    with pytest.raises(InputError, match="not UTF-8") as caught:
        names.decode_name(b"caf\xe9")
    assert caught.value.where == "caf\\xe9"


@pytest.mark.parametrize(
    "twins",
    [
        ("Model.bin", "model.bin"),
        ("straße", "STRASSE"),
        ("é", "e\u0301"),
        ("É/x", "e\u0301/x"),
        ("A/x", "a/y"),
        ("d/A/x", "d/a/y"),
        ("a", "A/x"),
        ("a/b", "a"),
        ("İ", "i\u0307"),
        ("ſ", "s"),
        ("x", "x"),
    ],
)
def test_names_that_some_file_system_takes_for_one_are_refused(twins: tuple[str, str]) -> None:
    for order in (twins, twins[::-1]):
        with pytest.raises(InputError, match="one name"):
            names.check_distinct(order)


def test_distinct_names_are_taken() -> None:
    names.check_distinct(["a", "a-b", "ab/c", "ab/d", "ab/e/f", "c/ab"])


@given(st.text(), st.text())
def test_folding_is_stable_and_ignores_unicode_form(left: str, right: str) -> None:
    assert names.fold(names.fold(left)) == names.fold(left)
    assert names.fold(unicodedata.normalize("NFD", left)) == names.fold(unicodedata.normalize("NFC", left))
    if left.lower() == right.lower():
        assert names.fold(left) == names.fold(right)
