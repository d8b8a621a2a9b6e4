"""A chat template reaches out of the conversation

A chat template is a Jinja program that is rendered over every conversation. From nearly any value in it the
interpreter can be reached: by attributes such as `__class__` and `__globals__`, by way of names that Jinja
gives every template (`cycler`, `lipsum`), under a name put together from pieces. Programs that render
templates without a sandbox (CVE-2024-34359 in llama-cpp-python, CVE-2026-5760 in SGLang) then run whatever
the template says. No conversation is laid out with such expressions.

## What to do

Do not load the model with this template. Ask the publisher for one that only lays out messages, or pass
your own.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.chat_template_facts import TemplateEscape
from modelward.scan.hits import Hit

SEVERITY = Severity.ERROR
CONSUMES = TemplateEscape


def check(fact: TemplateEscape) -> Iterator[Hit]:
    """Any reach out of the conversation."""
    yield Hit(
        f"the chat template {fact.what} in line {fact.line}",
        key=f"{fact.where} {fact.what} {fact.line}",
        expression=fact.expression,
        label=fact.where or None,
        fix="do not load the model with this template",
    )
