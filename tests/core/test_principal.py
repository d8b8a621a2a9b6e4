from __future__ import annotations

from modelward.core.principal import Principal


def test_two_principals_of_one_person_count_once() -> None:
    laptop = Principal("alice", "alice@example.org", frozenset({"publisher"}))
    token = Principal("alice-token", "alice@example.org")
    assert laptop != token
    assert len({laptop.person, token.person}) == 1
    assert token.roles == frozenset()
