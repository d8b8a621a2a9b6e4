from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from modelward.scan.rules import RULES

Command = Callable[..., Any]


def test_all_rules_are_listed(command: Command) -> None:
    done = command("rule")
    assert done.code == 0
    assert sorted(line.split()[0] for line in done.out.splitlines()) == sorted(RULES)


def test_rule_is_explained(command: Command) -> None:
    done = command("rule", "pickle-unsafe-call")
    assert done.code == 0
    assert done.out.startswith(
        "# pickle-unsafe-call\n\nA pickle reaches something that no model file needs (error)\n"
    )
    assert "## What to do" in done.out


def test_rules_as_json(command: Command) -> None:
    assert [rule["id"] for rule in json.loads(command("rule", "--json").out)["rules"]] == list(RULES)
    (one,) = json.loads(command("rule", "polyglot", "--json").out)["rules"]
    assert set(one) == {"id", "severity", "title", "help"}


def test_rule_that_does_not_exist(command: Command) -> None:
    done = command("rule", "nonsense")
    assert done.code == 2
    assert done.err == "error: there is no rule 'nonsense'\nhelp: modelward rule lists them\n"
