from __future__ import annotations

import pytest

from modelward.formats.facts import EmbeddedCode
from modelward.formats.pmml import findings
from modelward.formats.source import BytesSource
from modelward.formats.xml import Element, Text, items


def found(body: str) -> list[EmbeddedCode]:
    stream = items(BytesSource(f'<PMML version="4.4">{body}</PMML>'.encode()))
    return list(findings(item for item in stream if isinstance(item, Element | Text)))


@pytest.mark.parametrize(
    "body",
    [
        "<Extension><x>os.system('id')</x></Extension>",
        "<Extension name='a' value='Runtime.getRuntime().exec(1)'/>",
        "<Extension>&lt;script>alert(1)&lt;/script></Extension>",
        "<Apply function='java.lang.Runtime.exec'/>",
        "<x:script xmlns:x='y'>eval(a)</x:script>",
    ],
)
def test_code_that_runs_something(body: str) -> None:
    (fact,) = found(body)
    assert fact.harm is not None


@pytest.mark.parametrize("body", ["<script>x + 1</script>", "<Apply function='com.somebody.Score'/>"])
def test_code_that_cannot_be_judged(body: str) -> None:
    (fact,) = found(body)
    assert fact.harm is None


@pytest.mark.parametrize(
    "body",
    [
        "<Extension name='timestamp' value='2024'>created by a tool (evaluation)</Extension>",
        "<Apply function='if'><Apply function='lessThan'/></Apply>",
        "<DefineFunction name='os.system'><Constant>eval(x)</Constant></DefineFunction>",
        "<Header description='call system() for help'/>",
    ],
)
def test_ordinary_models_and_words_are_clean(body: str) -> None:
    assert found(body) == []
