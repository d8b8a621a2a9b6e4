"""Readers join the formats to the rules: each turns bytes into facts, and says what it did not examine."""

from __future__ import annotations

from collections.abc import Callable

from modelward.formats.identify import Format
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading
from modelward.scan.readers import pickle, safetensors, text, zip

#: A reader returns None where the bytes are not of its format after all.
Reader = Callable[[Source, Place, Examination], Reading | None]

READERS: dict[Format, Reader] = {
    Format.ZIP: zip.read,
    Format.SAFETENSORS: safetensors.read,
    Format.PICKLE: pickle.read,
    Format.TEXT: text.read,
}
