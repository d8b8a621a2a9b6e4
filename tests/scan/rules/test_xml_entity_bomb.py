from __future__ import annotations

from tests.scan.rules.show import findings

from modelward.core.finding import Severity
from modelward.formats.xml import ENDLESS, EntityBomb


def test_size_is_told() -> None:
    (found,) = findings(EntityBomb("lol", 3 << 30, 7))
    assert (found.rule, found.severity, found.offset) == ("xml-entity-bomb", Severity.ERROR, 7)
    assert "3072 MiB" in found.message


def test_entity_that_never_ends() -> None:
    (found,) = findings(EntityBomb("lol", ENDLESS, 7))
    assert "endless" in found.message


def test_small_bomb_is_told_by_how_it_is_made() -> None:
    (found,) = findings(EntityBomb("lol", 300, 7))
    assert "repeat others" in found.message
