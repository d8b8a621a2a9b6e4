"""A chat template changes the prompt behind the user's back

A chat template sees each message before the model does. This one puts text into the prompt that depends on
what the user says, or on the date; or replaces words of a message; or holds an instruction against the
conversation's own; or builds a network address from what was said. The model is unchanged, and its weights
are what they should be: the template is the back door.

Ordinary templates look at roles, at tools, and at marks such as `<think>`, and write no sentences because
of what somebody said.

## What to do

Do not use the template. Take the one of the original model and compare the two.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.chat_template_facts import TemplateSwap
from modelward.scan.hits import Hit

SEVERITY = Severity.ERROR
CONSUMES = TemplateSwap


def check(fact: TemplateSwap) -> Iterator[Hit]:
    """Any text that depends on the conversation."""
    yield Hit(
        f"the chat template {fact.what} (line {fact.line})",
        key=f"{fact.where} {fact.what} {fact.line}",
        expression=fact.expression or None,
        label=fact.where or None,
        fix="do not use the template; compare it with the original model's",
    )
