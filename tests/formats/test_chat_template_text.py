from __future__ import annotations

import pytest
from jinja2 import Environment, nodes

from modelward.formats.chat_template_text import Texts


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("'a' ~ 'b'", "ab"),
        ("'a' + 'b'", "ab"),
        ("['a', 'b'] | join('-')", "a-b"),
        ("'-'.join(['a', 'b'])", "a-b"),
        ("'ba' | reverse", "ab"),
        ("'ba'[::-1]", "ab"),
        ("'%sb' % 'a'", "ab"),
        ("'{}b'.format('a')", "ab"),
        ("'AB' | lower", "ab"),
        ("'axb'.replace('x', '')", "ab"),
        ("known", "ab"),
        ("unknown", None),
        ("'a' ~ unknown", None),
    ],
)
def test_texts_are_put_together(expression: str, text: str | None) -> None:
    texts = Texts()
    texts.texts["known"] = "ab"
    tree = Environment().parse("{{ " + expression + " }}")
    (output,) = tree.find_all(nodes.Output)
    assert texts.fold(output.nodes[0]) == text
