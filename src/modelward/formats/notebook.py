"""Notebooks: their cells are programs that a person runs one after another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from modelward.core.errors import InputError
from modelward.core.regex import regex
from modelward.formats import requirements, shell
from modelward.formats.facts import EmbeddedCode
from modelward.formats.python_source import judge_source, parse

MAX_CELLS = 5000

_SHELL_CELL = regex(r"%%(?:bash|sh|script|!|system|cmd)\b")
_OTHER_CELL = regex(
    r"%%(?:html|javascript|js|latex|markdown|svg|writefile|file|perl|ruby|R|sql|cython|script|pypy)\b"
)
_COMMAND = regex(r"^(?P<indent>\s*)(?:[\w, ]+=\s*)?(?:!!?|%(?:sx|system|pip|conda|uv)\b)(?P<command>.*)$")
_MAGIC = regex(r"^\s*(?:[\w, ]+=\s*)?(?:%|\?)|\?\s*$")


def is_notebook(document: Any) -> bool:
    """Whether a JSON document is one."""
    return isinstance(document, dict) and isinstance(document.get("nbformat"), int)


def findings(document: dict[str, Any]) -> Iterator[EmbeddedCode | requirements.Fact]:
    """What harms beyond doubt in any cell."""
    program: list[str] = []
    for number, source in enumerate(_cells(document)):
        where = f"cell {number}"
        if _SHELL_CELL.match(source):
            yield from _shell(source.partition("\n")[2], where)
        elif not _OTHER_CELL.match(source):
            lines = []
            for line in source.split("\n"):
                command = _COMMAND.match(line)
                if command:
                    yield from _shell(command["command"], where)
                    yield from requirements.shell(
                        f"pip {command['command']}" if "%pip" in line else command["command"]
                    )
                    lines.append(command["indent"] + "pass")
                elif _MAGIC.search(line):
                    lines.append(re.match(r"\s*", line).group() + "pass")  # type: ignore[union-attr]
                else:
                    lines.append(line)
            program.append("\n".join(lines))
    yield from _python(program)


def _cells(document: dict[str, Any]) -> Iterator[str]:
    cells = document.get("cells")
    for sheet in document.get("worksheets") or ():
        cells = sheet.get("cells") if isinstance(sheet, dict) else cells
    for cell in (cells if isinstance(cells, list) else [])[:MAX_CELLS]:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source", cell.get("input", ""))
            if isinstance(source, list):
                source = "".join(part for part in source if isinstance(part, str))
            if isinstance(source, str):
                yield source


def _shell(text: str, where: str) -> Iterator[EmbeddedCode]:
    for found in shell.judge(text):
        yield EmbeddedCode(where, "a cell of the notebook", found.expression, found.harm)


def _python(program: list[str]) -> Iterator[EmbeddedCode]:
    """All cells as one program, as names go from one to the next; those that are not Python 3 left out."""
    parsed = []
    for part in program:
        try:
            parse(part)
        except InputError:
            continue
        parsed.append(part)
    try:
        for use in judge_source("\n".join(parsed)):
            if use.harm:
                yield EmbeddedCode(
                    f"line {use.line} of the code", "a cell of the notebook", use.expression, use.harm
                )
    except InputError:
        return
