"""JSON-LD as far as descriptions of datasets need it: short names to full ones by the document's context.

No context is ever fetched: a document that names one by address is read as if it were Croissant's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

SCHEMA = "http://schema.org/"
CROISSANT = "http://mlcommons.org/croissant/"
TERMS = "http://purl.org/dc/terms/"
PROV = "http://www.w3.org/ns/prov#"
OURS = "https://modelward.dev/terms/"

#: Terms of Croissant's vocabulary that documents write without a prefix.
_CROISSANT_TERMS = (
    "annotation",
    "arrayShape",
    "citeAs",
    "column",
    "containedIn",
    "data",
    "dataType",
    "equivalentProperty",
    "examples",
    "excludes",
    "extract",
    "field",
    "fileObject",
    "fileProperty",
    "fileSet",
    "format",
    "includes",
    "isArray",
    "isLiveDataset",
    "jsonPath",
    "key",
    "md5",
    "parentField",
    "path",
    "readLines",
    "recordSet",
    "references",
    "regex",
    "repeated",
    "replace",
    "samplingRate",
    "sdVersion",
    "separator",
    "source",
    "subField",
    "transform",
    "unArchive",
    "value",
)

#: The context of a document that we write, and of one that brings none of its own.
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": CROISSANT,
    "rai": f"{CROISSANT}RAI/",
    "dct": TERMS,
    "prov": PROV,
    "modelward": OURS,
    "conformsTo": "dct:conformsTo",
    **{term: f"cr:{term}" for term in _CROISSANT_TERMS},
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
}

#: Other spellings of the same vocabulary.
_SPELLINGS = {"https://schema.org/": SCHEMA, "https://mlcommons.org/croissant/": CROISSANT}
_MAX_STEPS = 8


class Names:
    """The names of one document."""

    def __init__(self, context: Any) -> None:
        self._terms: dict[str, str] = {}
        self._known: dict[str, str] = {}
        parts = context if isinstance(context, list) else [context]
        if not any(isinstance(part, dict) for part in parts):
            parts = [CONTEXT]
        for part in parts:
            for term, meaning in part.items() if isinstance(part, dict) else ():
                iri = meaning.get("@id") if isinstance(meaning, dict) else meaning
                if isinstance(iri, str):
                    self._terms[term] = iri

    def iri(self, name: str) -> str:
        """The full name of a short one."""
        if name not in self._known:
            self._known[name] = self._full(name)
        return self._known[name]

    def _full(self, name: str) -> str:
        if name.startswith("@"):
            return name
        for _ in range(_MAX_STEPS):
            prefix, colon, rest = name.partition(":")
            if name in self._terms and not name.startswith("@"):
                name = self._terms[name]
            elif colon and not rest.startswith("//") and prefix in self._terms:
                name = self._terms[prefix] + rest
            else:
                break
        if ":" not in name:
            name = self._terms.get("@vocab", SCHEMA) + name
        for spelling, usual in _SPELLINGS.items():
            if name.startswith(spelling):
                return usual + name.removeprefix(spelling)
        return name


class Node:
    """An object of a document, its properties by full name."""

    def __init__(self, names: Names, value: Mapping[str, Any]) -> None:
        self._names = names
        self._values: dict[str, Any] = {names.iri(key): inner for key, inner in value.items()}

    @property
    def id(self) -> str:
        """Its `@id`, or an empty text."""
        value = self._values.get("@id", "")
        return value if isinstance(value, str) else ""

    def types(self) -> set[str]:
        """The full names of its types."""
        return {self._names.iri(text) for text in _texts(self._values.get("@type"))}

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of a property: as they are, or those of objects by name, address or identity."""
        return tuple(text for item in self._items(name) for text in self._text(item))

    def text(self, name: str) -> str:
        """The first of them, or an empty text."""
        return next(iter(self.texts(name)), "")

    def nodes(self, name: str) -> tuple[Node, ...]:
        """The objects of a property."""
        return tuple(Node(self._names, item) for item in self._items(name) if isinstance(item, dict))

    def ids(self, name: str) -> tuple[str, ...]:
        """What a property refers to: identities of objects, or texts."""
        found = []
        for item in self._items(name):
            text = item.get("@id") if isinstance(item, dict) else item
            found += [text] if isinstance(text, str) and text else []
        return tuple(found)

    def names(self, name: str) -> tuple[str, ...]:
        """What a property refers to, by full name."""
        return tuple(self._names.iri(text) for text in self.ids(name))

    def flag(self, name: str) -> bool:
        """Whether a property is true."""
        return any(item in (True, "true", "True") for item in self._items(name))

    def plain(self, prefix: str) -> dict[str, Any]:
        """The properties whose full name begins so, by the rest of their name."""
        return {
            key.removeprefix(prefix): value for key, value in self._values.items() if key.startswith(prefix)
        }

    def _items(self, name: str) -> list[Any]:
        value = self._values.get(name)
        return value if isinstance(value, list) else [] if value is None else [value]

    def _text(self, item: Any) -> Iterator[str]:
        if not isinstance(item, dict):
            yield from _texts(item)
            return
        inner = Node(self._names, item)
        for key in ("@value", f"{SCHEMA}name", f"{SCHEMA}url", "@id"):
            if found := inner.texts(key):
                yield found[0]
                return
        yield from [text for text in item.values() if isinstance(text, str)][:1]  # {"en": "…"}


def _texts(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str) and item:
            yield item
        elif isinstance(item, int | float) and not isinstance(item, bool):
            yield str(item)
