from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from modelward.core.regex import regex


def test_expression_does_what_a_compiled_one_does() -> None:
    word = regex(r"(?P<first>[a-z])[a-z]*", re.IGNORECASE)
    found = word.fullmatch("Word")
    assert found is not None
    assert found["first"] == "W"
    assert word.sub("-", "two words") == "- -"
    assert word.pattern == r"(?P<first>[a-z])[a-z]*"
    assert regex(rb"\d+").findall(b"1 22") == [b"1", b"22"]


def test_expression_is_compiled_when_it_is_used() -> None:
    wrong = regex("(")
    with pytest.raises(re.error):
        wrong.match("")


def test_every_expression_of_the_program_can_be_compiled() -> None:
    found = 0
    for name in ("artifact", "core", "formats", "scan"):
        package = importlib.import_module(f"modelward.{name}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for value in expressions(vars(importlib.import_module(module.name)).values()):
                assert value.pattern
                found += 1
    assert found > 100


def expressions(values: Iterable[Any]) -> Iterator[Any]:
    """The expressions among the values, and in tuples of them."""
    for value in values:
        if isinstance(value, tuple):
            yield from expressions(value)
        elif type(value) is type(regex("")):
            yield value
