"""Chat templates: Jinja that is rendered over every conversation, read as a syntax tree and never rendered.

Two things are looked for. Expressions that reach out of the conversation into the interpreter
(CVE-2024-34359, CVE-2026-5760). And prompts that change with what the user says or with the date: a
template sees each message before the model does, and can put an instruction beside it that nobody wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from modelward.core.regex import regex
from modelward.formats.chat_template_facts import TemplateEscape, TemplateSwap, TemplateUnread
from modelward.formats.hidden_text import runs

if TYPE_CHECKING:
    from jinja2 import Environment, nodes

MAX_CHARACTERS = 1 << 20


TemplateFact = TemplateEscape | TemplateSwap | TemplateUnread

_GO = regex(r"\{\{-?\s*(?:\.[A-Z]|if\s|range\s|end\b|else\b|block\s|template\s|define\s|\$\w+\s*:?=|with\s)")


def findings(template: str, where: str) -> Iterator[TemplateFact]:
    """Everything that a template does beside laying out a conversation; `where` names the place it stands
    at.

    A template of another kind (Go's, of Ollama) holds no code and gives nothing.
    """
    if "{{" not in template and "{%" not in template:
        return
    if len(template) > MAX_CHARACTERS:
        yield TemplateUnread(where, f"it is over {MAX_CHARACTERS >> 20} MiB")
        return
    from jinja2 import TemplateError

    from modelward.formats.chat_template_tree import Tree

    if _GO.search(template) and "{%" not in template:
        return
    try:
        tree = _environment().parse(template)
        yield from Tree(tree, where, template).findings()
    except (TemplateError, ValueError) as error:
        yield TemplateUnread(where, f"it is not Jinja: {str(error)[:120]}")
    except (RecursionError, MemoryError):
        yield TemplateUnread(where, "it nests too deep")
    for line, what in runs(template):
        yield TemplateSwap(where, line, "", f"holds {what}, which a model reads and people do not see")


@cache
def _environment() -> Environment:
    """Jinja as transformers, vLLM and llama.cpp set it up, for parsing only."""
    from jinja2 import Environment, nodes
    from jinja2.ext import Extension

    class Generation(Extension):
        """`{% generation %}…{% endgeneration %}`, which marks what an assistant said."""

        tags = {"generation"}  # noqa: RUF012 - as the base class has it

        def parse(self, parser: Any) -> nodes.Node:
            """The block as it stands."""
            line = next(parser.stream).lineno
            body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
            return nodes.Scope(body).set_lineno(line)

    return Environment(extensions=["jinja2.ext.loopcontrols", "jinja2.ext.do", Generation])  # noqa: S701
