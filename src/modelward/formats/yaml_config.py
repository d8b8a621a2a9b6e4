"""YAML, built from its events: nothing that a tag names is made, aliases are not copied, depth is bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from modelward.core.errors import InputError, LimitExceeded
from modelward.core.regex import regex
from modelward.formats import targets
from modelward.formats.config import CodeReference, Fact
from modelward.formats.facts import EmbeddedCode

MAX_BYTES = 8 << 20
MAX_DEPTH = 100

_PYTHON = regex(r"tag:yaml\.org,2002:python/(?P<kind>[\w/]+):?(?P<name>.*)", re.DOTALL)
_DATA_KINDS = frozenset(
    {"none", "bool", "str", "unicode", "bytes", "int", "long", "float", "complex", "list", "tuple", "dict"}
)
#: HyperPyYAML (SpeechBrain): `!new:package.Class`, `!apply:package.function`.
_HYPER = regex(r"!(?P<kind>new|apply|name|module|applyref|obj|call|instance|object):(?P<name>.+)")
_OTHERS = regex(
    r"tag:yaml\.org,2002:(?:js/|java)|!?(?:ruby/|!?ruby/)|!!?(?:javax|com\.sun|java)\.", re.IGNORECASE
)


class Document(Struct):
    """The documents of a file as plain data (scalars stay text), what their tags make, and why it ended."""

    values: list[Any] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    trouble: str = ""


class _Open(Struct):
    value: Any
    key: Any = None
    has_key: bool = False


def read(text: str) -> Document:
    """Read YAML. What is wrong with it is in `trouble`; LimitExceeded past the bounds."""
    import yaml

    if len(text) > MAX_BYTES:
        raise LimitExceeded(f"it is over {MAX_BYTES >> 20} MiB of YAML")
    document = Document()
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for value in _build(yaml.parse(text, Loader=loader), document):
            document.values.append(value)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark is not None else ""
        document.trouble = f"it is not YAML: {getattr(error, 'problem', None) or 'broken'}{where}"
    except (ValueError, RecursionError) as error:
        raise InputError(f"it is not YAML: {error}") from None
    return document


def _build(events: Iterator[Any], document: Document) -> Iterator[Any]:
    stack: list[_Open] = []
    anchors: dict[str, Any] = {}
    for event in events:
        kind = type(event).__name__
        value: Any = None
        if kind == "ScalarEvent":
            value = event.value
            _tag(event, document)
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            value = {} if kind[0] == "M" else []
            _tag(event, document)
            if event.anchor:
                anchors[event.anchor] = value
            if len(stack) >= MAX_DEPTH:
                raise LimitExceeded(f"it nests over {MAX_DEPTH} levels deep")
            stack.append(_Open(value))
            continue
        elif kind == "AliasEvent":
            value = anchors.get(event.anchor)
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            value = stack.pop().value
        else:
            continue
        if event.__class__.__name__ == "ScalarEvent" and event.anchor:
            anchors[event.anchor] = value
        if not stack:
            yield value
        else:
            _put(stack[-1], value, document)


def _put(owner: _Open, value: Any, document: Document) -> None:
    if isinstance(owner.value, list):
        owner.value.append(value)
    elif not owner.has_key:
        owner.key, owner.has_key = value if isinstance(value, str) else repr(type(value)), True
    else:
        if owner.key in owner.value and owner.key != "<<":
            document.duplicates.append(owner.key)
        owner.value[owner.key] = _plain(value)
        owner.has_key = False


def _plain(value: Any) -> Any:
    """Truth values as such, so that the fields which ask for them are seen."""
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return value


def _tag(event: Any, document: Document) -> None:
    tag = event.tag
    if not tag or tag == "!":
        return
    if found := _PYTHON.fullmatch(tag):
        kind, name = found["kind"], found["name"]
        if kind in _DATA_KINDS and not name:
            return
        _named(
            document,
            tag,
            name,
            f"the YAML tag !!python/{kind}",
            event,
            called="apply" in kind or "new" in kind,
        )
    elif found := _HYPER.fullmatch(tag):
        _named(document, tag, found["name"], f"the YAML tag !{found['kind']}", event, called=True)
    elif _OTHERS.match(tag):
        document.facts.append(
            EmbeddedCode(
                f"line {event.start_mark.line + 1}",
                "a YAML tag",
                tag[:120],
                "makes objects of a program's own classes",
            )
        )


def _named(document: Document, tag: str, name: str, what: str, event: Any, *, called: bool) -> None:
    where = f"line {event.start_mark.line + 1}"
    target = targets.judge(name) if name else None
    if target is not None and target.harm is not None:
        document.facts.append(EmbeddedCode(where, what, tag[:120], target.harm))
    elif target is None or not target.known:
        document.facts.append(
            CodeReference(
                where, tag[:120], f"{what} makes the loader import and {'call' if called else 'reach'} it"
            )
        )
