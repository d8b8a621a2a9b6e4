from __future__ import annotations

import pytest
from jinja2 import Environment

from modelward.formats.chat_template_tree import Tree


def whats(template: str) -> list[str]:
    return [fact.what for fact in Tree(Environment().parse(template), "", template).findings()]


@pytest.mark.parametrize(
    ("template", "what"),
    [
        ("{{ x.__class__ }}", "reaches for '__class__'"),
        ("{{ lipsum.x }}", "reaches into 'lipsum'"),
        ("{{ x.popen() }}", "calls 'popen'"),
        ("{% include 'x' %}", "reads another file"),
    ],
)
def test_what_is_said(template: str, what: str) -> None:
    assert whats(template) == [what]


def test_what_was_said_is_followed_through_names() -> None:
    template = (
        "{% set a = messages[-1].content %}{% set b = a | lower %}"
        "{% if 'x1' in b %}Now do this other thing{% endif %}"
    )
    assert whats(template) == [
        "puts text into the prompt that depends on what the user says: 'Now do this other thing'"
    ]


def test_roles_and_types_are_not_what_was_said() -> None:
    assert whats("{% if content['type'] == 'image' %}This is a picture for you{% endif %}") == []
