"""All revocations, as the gate and verification need them."""

from __future__ import annotations

from tests.registry.town import Town

from modelward.core.digest import Digest
from modelward.registry.revocations import Revocations

ARTIFACT, KEY = Digest.sha256(b"artifact"), Digest.sha256(b"key")


def test_each_side_gets_what_concerns_it(town: Town) -> None:
    town.revoke("artifact", ARTIFACT)
    town.revoke("key", KEY)
    town.revoke("statement", KEY)
    town.revoke("release", ARTIFACT)
    with town.registry() as registry:
        found = registry.revocations()
    assert [thing.kind for thing in found.things] == ["artifact", "key", "statement", "release"]
    assert [thing.kind for thing in found.statements] == ["key", "statement"]
    assert [(one.kind, one.digest, one.reason) for one in found.for_gate] == [
        ("artifact", ARTIFACT, "it leaks"),
        ("release", ARTIFACT, "it leaks"),
    ]


def test_those_up_to_a_log_size(town: Town) -> None:
    town.revoke("artifact", ARTIFACT)
    with town.registry() as registry, registry.engine.connect() as connection:
        size = registry.log.size
        assert len(Revocations.read(connection, size).things) == 1
        assert len(Revocations.read(connection, size - 1).things) == 0


def test_there_are_none_in_a_new_registry(town: Town) -> None:
    with town.registry() as registry:
        assert registry.revocations() == Revocations((), ())
