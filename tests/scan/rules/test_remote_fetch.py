from __future__ import annotations

from tests.scan.rules.show import findings

from modelward.core.finding import Severity
from modelward.formats.facts import RemoteFetch


def test_an_address_that_loading_opens_is_an_attack() -> None:
    (found,) = findings(RemoteFetch("a layer", "http://example.com/x", "Keras downloads it"))
    assert (found.rule, found.severity, found.offset) == ("remote-fetch", Severity.ERROR, None)
    assert found.message == "a layer fetches 'http://example.com/x': Keras downloads it"
    assert found.expression == "http://example.com/x"
