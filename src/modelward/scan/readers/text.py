"""Text: programs, documents, templates, and what is for people or a list of words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelward.core.regex import regex
from modelward.formats.source import BytesSource, Source
from modelward.formats.text import PICKLE_SUFFIXES, Kind, is_text, kind_of, other_encoding, passages
from modelward.scan.examination import Examination, Place, Reading

# What reads the kinds of text is imported when there is a text: nearly every binary file comes through here.

#: Texts that some program interprets are read whole up to here; longer prose is searched for them.
MAX_BYTES = 8 << 20

#: What names code in a text that says nothing else about itself.
_YAML_CODE = regex(r"_target_\s*:|!!python/|!<?tag:yaml\.org,2002:python/|!!js/|!(?:new|apply):")

#: Names that say nothing of what is in a text.
_PLAIN = regex(
    r"(?:^|/)[^./]*$|\.(?:txt|text|prompt|tmpl|tpl|template|config|nemo|hydra|dat|data|bin|model)$"
)

#: Names of graphs as text, which begin with or have a node.
_GRAPHS = (".pbtxt", ".prototxt", ".textproto", ".txtpb", ".onnxtxt")
_NODE = regex(r"\b(?:node|node_def|initializer|graph_def)\s*[:{<#]")

#: What the patterns can only match around: many times faster to look for in a large text.
_YAML_HINTS = ("_target_", "!!", "tag:yaml", "!new", "!apply")
_NODE_HINTS = ("node", "initializer", "graph_def")


def _has(text: str, hints: tuple[str, ...], pattern: re.Pattern[str]) -> bool:
    return any(hint in text for hint in hints) and pattern.search(text) is not None


#: Programs and pages that nothing here runs, and that may hold any character.
_OTHER_CODE = regex(r"\.(?:m?js|cjs|tsx?|css|html?|map|svg|xml|vue|c|cc|cpp|cu|cuh|h|hpp|java|kt|rs|go)$")


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """By its name and its beginning; a text that no program interprets is examined as data."""
    head = source.read(0, 256)
    kind = kind_of(place.name, head.decode("utf-8", "replace").removeprefix("\ufeff"))
    if place.inert_text:
        kind = Kind.WORDS
    plain = is_text(source, words=kind is Kind.WORDS)
    data = source.read(0, source.size) if source.size <= MAX_BYTES else b""
    text = data.decode("utf-8-sig") if plain else other_encoding(data) if data else None
    if text is None:
        return None
    from modelward.scan.text_documents import read_json

    reading: Reading | None = None
    beginning = head.decode("utf-8", "replace") if plain else text[:256]
    if _begins_like_json(source, beginning):
        reading = read_json(source, place, examination)
    is_json = reading is not None
    if reading is None:
        if source.size > MAX_BYTES:
            reading = _large(source, kind, place, is_object=_begins_like_json(source, beginning, ("{",)))
        else:
            reading = _text(kind, text, data, place)
    if kind is not Kind.WORDS:
        _search(reading, source if plain else BytesSource(text.encode("utf-8", "replace")), place.name)
    pickled = place.name.lower().endswith(PICKLE_SUFFIXES)
    reading.sure = not pickled or is_json or reading.format == "start-up lines"
    return reading


def _begins_like_json(
    source: Source, beginning: str, signs: tuple[str, ...] = ("{", "[", "//", "/*")
) -> bool:
    """Whether the first sign is one that JSON begins with, however many blanks stand before it."""
    start = beginning.lstrip("\ufeff \t\r\n")
    if not start:
        blank = b"\xef\xbb\xbf \t\r\n\0\xff\xfe"
        start = next((rest for chunk in source.chunks() if (rest := chunk.lstrip(blank))), b"")[:2].decode(
            "latin-1"
        )
    return start.startswith(signs)


def _large(source: Source, kind: Kind, place: Place, *, is_object: bool) -> Reading:
    """Prose in which nothing stands that a program interprets; else it is too large to be examined."""
    found = kind.value
    if kind is Kind.WORDS:
        return Reading("text")
    if kind is Kind.PROSE and not is_object and not place.name.lower().endswith(_GRAPHS):
        found = _interpreted(source, place)
    return Reading(kind.value, f"it is over {MAX_BYTES >> 20} MiB of {found}" if found else "")


def _interpreted(source: Source, place: Place) -> str:
    """What stands in prose that some program interprets."""
    from modelward.formats import graph_text

    plain = _PLAIN.search(place.name.lower()) is not None
    template = messages = False
    for _, text in passages(source):
        if plain and _has(text, _YAML_HINTS, _YAML_CODE):
            return "text with tags of YAML"
        if _has(text, _NODE_HINTS, _NODE) and graph_text.looks_like(text):
            return "text with a graph"
        template, messages = template or "{%" in text, messages or "messages" in text
    return "text with a template" if plain and template and messages else ""


def _text(kind: Kind, text: str, data: bytes, place: Place) -> Reading:
    from modelward.formats import git_settings, requirements
    from modelward.scan import text_programs
    from modelward.scan.text_documents import read_toml, read_yaml, show

    if kind is Kind.PYTHON:
        return text_programs.read_python(data, place)
    if kind is Kind.SHELL:
        return text_programs.read_shell(text, place)
    if kind is Kind.TEMPLATE:
        return text_programs.read_template(text, place)
    if kind is Kind.START:
        return text_programs.read_start_lines(text, place)
    if kind is Kind.TOML:
        return read_toml(text, locked=place.name.lower().endswith(".lock"))
    if kind is Kind.YAML:
        return read_yaml(text, place) or Reading("text")
    reading = Reading("text")
    if kind is Kind.REQUIREMENTS:
        show(reading, requirements.lines(text, archived=place.name if place.depth else ""))
    elif kind is Kind.SETTINGS:
        show(reading, requirements.settings(text))
        show(reading, git_settings.findings(text, place.name))
        if _has(text, _YAML_HINTS, _YAML_CODE):
            return read_yaml(text, place, sure=False) or reading
    elif kind is Kind.PROSE:
        if _has(text, _YAML_HINTS, _YAML_CODE) and _PLAIN.search(place.name.lower()):
            return read_yaml(text, place, sure=False) or reading
        if _has(text, _NODE_HINTS, _NODE):
            show(reading, _graph(text, place))
        if "{%" in text and "messages" in text and _PLAIN.search(place.name.lower()):
            return text_programs.read_template(text, place, sure=False)
    return reading


def _graph(text: str, place: Place) -> Iterator[object]:
    from modelward.formats import graph_text  # the tables of operations are large

    if graph_text.looks_like(text):
        yield from graph_text.findings(text, place.name, place.siblings)


def _search(reading: Reading, source: Source, name: str) -> None:
    """What should not stand in any text: secrets, and characters that nobody sees."""
    from modelward.formats import hidden_text, secrets
    from modelward.scan.text_documents import show

    visible = reading.format not in ("json", "template") and not _OTHER_CODE.search(name.lower())
    for line, text in passages(source):
        show(reading, secrets.findings(text, line))
        if visible:
            show(reading, hidden_text.findings(text, first=line))
