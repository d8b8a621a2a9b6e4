"""Code in a model's metadata: a value that is, as a whole, a program or a command that does harm.

No loader runs it, and text that merely mentions a command is never taken for one. But a description that is
nothing but `import os; os.system(...)` is there for some program to run, so the file is not clean.
"""

from __future__ import annotations

import ast

from msgspec import Struct

from modelward.core.errors import InputError
from modelward.core.regex import regex

#: Longer values are data.
MAX_CHARACTERS = 20_000

#: Functions that no description calls, by the last part of the name they are called by.
_CALLS = {
    "eval": "runs Python code", "exec": "runs Python code", "__import__": "imports a module by name",
    "system": "runs a shell command", "popen": "runs a shell command", "Popen": "runs a program",
    "check_output": "runs a program", "import_module": "imports a module by name",
}  # fmt: skip
#: The same, where something is called *with* them: `callback(os.system, 'id')`.
_NAMES = {
    "os.system": "runs a shell command",
    "os.popen": "runs a shell command",
    "subprocess": "runs a program",
}
_LIKELY = regex(
    r"\b(eval|exec|__import__|system|popen|Popen|check_output|import_module|subprocess)\b|"
    r"\b(curl|wget|rm|bash|sh|nc|powershell|python3?|chmod)\b"
)
#: The same in bytes; it may find more.
LIKELY_BYTES = regex(_LIKELY.pattern.encode())


class MetadataCode(Struct, frozen=True):
    """A value of the metadata at `where` that is code: `harm` says what it does if something runs it."""

    where: str
    value: str
    harm: str


def code_in(where: str, value: object) -> MetadataCode | None:
    """The fact for one value, or None if it is no text or no harmful program."""
    if not isinstance(value, str) or not 4 < len(value) <= MAX_CHARACTERS or not _LIKELY.search(value):
        return None
    from modelward.formats import shell  # imported late: few files have such a value

    harm = _python(value) or shell.harm_of(value)
    return MetadataCode(where, value, harm) if harm else None


def _python(text: str) -> str | None:
    from modelward.formats.python_source import parse

    try:
        tree = parse(text.strip())
    except InputError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = _dotted(node.func)
            if what := _CALLS.get(name.rpartition(".")[2]):
                return what
            for argument in node.args:
                if what := _NAMES.get(_dotted(argument)):
                    return what
            if what := _NAMES.get(name.partition(".")[0]):
                return what
    return None


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join(reversed([*parts, node.id])) if isinstance(node, ast.Name) else ".".join(reversed(parts))
