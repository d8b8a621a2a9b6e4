from __future__ import annotations

from pathlib import Path

from modelward.scan.rules import CHECKS, RULES, pickle_unsafe_call

FOLDER = Path(pickle_unsafe_call.__file__).parent


def test_every_file_is_a_rule_that_is_listed() -> None:
    files = {path.stem.replace("_", "-") for path in FOLDER.glob("*.py") if path.stem != "__init__"}
    assert set(RULES) == files
    assert {rule.id for checks in CHECKS.values() for rule, _ in checks} == files


def test_every_rule_explains_itself() -> None:
    for rule in RULES.values():
        assert rule.title
        assert not rule.title.endswith(".")
        assert "\n## What to do\n" in rule.help, rule.id
        assert len(rule.help) > 200


def test_every_rule_has_its_tests() -> None:
    here = Path(__file__).parent
    assert [rule for rule in RULES if not (here / f"test_{rule.replace('-', '_')}.py").is_file()] == []
