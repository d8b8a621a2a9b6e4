from __future__ import annotations

import pytest

from modelward.formats.chat_template_facts import TemplateEscape, TemplateSwap, TemplateUnread


@pytest.mark.parametrize(
    "fact", [TemplateEscape("", 1, "", "x"), TemplateSwap("", 1, "", "x"), TemplateUnread("", "x")]
)
def test_facts_do_not_change(fact: object) -> None:
    with pytest.raises(AttributeError):
        fact.where = "elsewhere"  # type: ignore[attr-defined]
