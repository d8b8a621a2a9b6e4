"""Readers join the formats to the rules: each turns bytes into facts, and says what it did not examine.

The reader of `Format.X` is the module `x` here; its `read` returns None where the bytes are not of its format
after all. Modules are imported when a file first asks for them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module

from modelward.formats.identify import Format
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading

Reader = Callable[[Source, Place, Examination], Reading | None]


@cache
def reader(form: Format) -> Reader:
    """The reader of a format."""
    found: Reader = import_module(f"{__name__}.{form.name.lower()}").read
    return found
