"""XML: PMML and OpenVINO models, and any other document for what its entities do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from itertools import chain
from typing import Any

from modelward.core.errors import InputError
from modelward.formats import xml
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading

#: Root element -> what it is, and the module of `formats` that knows its content.
_ROOTS = {"PMML": ("PMML", "pmml"), "net": ("OpenVINO", "openvino")}


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Walk the document. Text that merely begins with `<` is not XML."""
    reading = Reading("XML", whole=True)
    content = _content(xml.items(source), reading)
    try:
        first = next(content, None)
        if first is None:
            return None
        known = _ROOTS.get(first.tag.rpartition(":")[2]) if isinstance(first, xml.Element) else None
        if known is not None:
            reading.format = known[0]
            findings: Callable[[Iterable[xml.Content]], Iterator[Any]]
            findings = import_module(f"modelward.formats.{known[1]}").findings
            for fact in findings(chain([first], content)):
                reading.fact(fact)
        for _ in content:
            pass
    except InputError as error:
        if not (reading.hits.findings("") or source.read(0, 5) == b"<?xml" or known_suffix(place.name)):
            return None
        reading.problem, reading.whole = error.message, False
    return reading


def known_suffix(name: str) -> bool:
    """Whether a file of this name is to be XML."""
    return name.lower().endswith((".xml", ".pmml", ".xsl", ".xslt"))


def _content(items: Iterator[xml.Item], reading: Reading) -> Iterator[xml.Content]:
    """Elements and text; everything else is shown to the rules."""
    for item in items:
        if isinstance(item, xml.Element | xml.Text):
            if isinstance(item, xml.Element) and (included := xml.included(item)) is not None:
                reading.fact(included)
            yield item
        else:
            reading.fact(item)
