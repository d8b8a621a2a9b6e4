from __future__ import annotations

import ast

import pytest

from modelward.formats import python_values as values
from modelward.formats.python_values import Value, constant


def test_texts_are_put_together() -> None:
    assert values.add(constant("a"), constant("b")).text == "ab"
    assert values.add(constant("a"), Value("x")).text == "a{}"
    assert values.combine(ast.Mult(), constant("ab"), constant(2)).text == "abab"
    assert not values.combine(ast.Mult(), constant("ab"), constant(10**9)).known
    assert values.sliced(constant("abc"), [None, None, constant(-1)]).text == "cba"
    assert values.method(constant(","), "join", [constant(["a", "b"])]).text == "a,b"


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("base64.b64decode", "aWQ=", "id"),
        ("binascii.unhexlify", "6964", "id"),
        ("codecs.decode", "vq", None),
        ("builtins.bytes.fromhex", "6964", "id"),
    ],
)
def test_decoders(name: str, data: str, text: str | None) -> None:
    found = values.decode(name, [constant(data)])
    assert values.DECODED in found.tags
    assert text is None or found.text == text


def test_broken_data_are_unknown() -> None:
    assert not values.decode("zlib.decompress", [constant(b"no")]).known


def test_names_reached_by_texts_built_from_pieces_are_hidden() -> None:
    built = values.add(constant("sys"), constant("tem"))
    assert values.HIDDEN in values.get(Value("os"), built).tags
    assert values.HIDDEN not in values.get(Value("os"), constant("system")).tags
    assert values.reach(constant("os")).name == "os"
    assert values.subscript(Value("sys.modules"), constant("os")).name == "os"
    assert values.subscript(Value("globals()"), constant("exec")).name == "builtins.exec"


def test_large_constants_are_not_kept() -> None:
    assert not constant("x" * (values.MAX_CONSTANT + 1)).known
