"""PMML: trees, regressions and rules in XML. What is in them is data, but for functions named by Java class
and the scripts that some vendors put into extensions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from modelward.core.regex import regex
from modelward.formats.facts import EmbeddedCode
from modelward.formats.xml import Content, Element, Text

MAX_SHOWN = 160
#: Calls that run something, in the languages that extensions are written in.
_CALL = regex(
    r"\b(?:os\s*\.\s*(?:system|popen|exec\w*|spawn\w*)|subprocess\s*\.\s*\w+|__import__|exec|eval|"
    r"Runtime\s*\.\s*getRuntime|ProcessBuilder|system|shell_exec|urlopen|ScriptEngineManager)\s*\("
    r"|<script\b|\bjavascript:",
    re.IGNORECASE,
)
_JAVA_HARM = regex(
    r"java\.(?:lang\.(?:Runtime|Process\w*|System|Class\w*|reflect)|io|net|nio)\b|javax\.script\b"
)
_CODE = ("script", "javascript", "code")


def findings(content: Iterable[Content]) -> Iterator[EmbeddedCode]:
    """Everything in a PMML document that may be run."""
    for item in content:
        if isinstance(item, Element):
            yield from _element(item)
        elif "extension" in (tag.rpartition(":")[2].lower() for tag in item.path) or _is_code(item.path[-1]):
            yield from _code(item)


def _element(item: Element) -> Iterator[EmbeddedCode]:
    name = item.tag.rpartition(":")[2]
    function = item.attributes.get("function", "") if name == "Apply" else ""
    if "." in function:
        harm = "calls into the Java runtime" if _JAVA_HARM.match(function) else None
        yield EmbeddedCode(name, "a function of a Java class", function[:MAX_SHOWN], harm, item.offset)
    if name == "Extension":
        for value in item.attributes.values():
            if _CALL.search(value):
                yield EmbeddedCode(
                    name, "an extension", value[:MAX_SHOWN], "holds code that runs a program", item.offset
                )


def _code(item: Text) -> Iterator[EmbeddedCode]:
    if _CALL.search(item.text):
        yield EmbeddedCode(
            "/".join(item.path[-3:]), "an extension", item.text.strip()[:MAX_SHOWN],
            "holds code that runs a program", item.offset,
        )  # fmt: skip
    elif _is_code(item.path[-1]):
        yield EmbeddedCode(
            "/".join(item.path[-3:]), "a script", item.text.strip()[:MAX_SHOWN], None, item.offset
        )


def _is_code(tag: str) -> bool:
    return tag.rpartition(":")[2].lower() in _CODE
