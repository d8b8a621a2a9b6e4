"""GGUF files."""

from __future__ import annotations

from modelward.core.errors import InputError
from modelward.formats import gguf
from modelward.formats.source import Slice, Source
from modelward.scan.examination import Examination, Place, Reading


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Check the header, read the chat templates, and look at what stands after the tensors."""
    reading = Reading("GGUF")
    try:
        for fact in gguf.facts(source):
            if isinstance(fact, gguf.Template):
                _template(fact, reading, place, examination)
            elif isinstance(fact, gguf.End):
                if fact.missing:
                    reading.problem = f"the tensors reach {fact.missing} bytes past the end of the file"
                elif fact.at is not None and fact.at < source.size:
                    _rest(source, fact.at, place, examination)
            else:
                reading.fact(fact)
    except InputError as error:
        reading.problem = error.message
    return reading


def _template(fact: gguf.Template, reading: Reading, place: Place, examination: Examination) -> None:
    from modelward.formats import chat_template
    from modelward.formats.chat_template_facts import TemplateUnread

    for found in chat_template.findings(fact.text, fact.key):
        if isinstance(found, TemplateUnread):
            examination.unexamined(f"{place.path}!{fact.key}", found.reason)
        else:
            reading.fact(found)


def _rest(source: Source, at: int, place: Place, examination: Examination) -> None:
    """No loader reads it, but it may be another file that one does."""
    path = f"{place.path}!byte {at}"
    rest = Slice(source, at, source.size - at)
    examination.examine(rest, Place(path, "", place.depth + 1, inert_text=True, raw="data after the tensors"))
