"""docs/gate.md says what the code does; the options of checks are in docs/checks.md, written by the code."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from modelward.gate import cel, policy
from modelward.gate.checks import CHECKS
from modelward.gate.evaluate import WAIVER_SIGNERS
from modelward.gate.policy import Policy
from modelward.registry import blueprints

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "gate.md").read_text(encoding="utf-8")
CHECKS_PAGE = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def test_the_example_is_a_policy() -> None:
    assert Policy.parse(EXAMPLE.encode()).stage("production").rules[0].id == "small-enough"


def test_every_key_of_the_file_is_in_the_table() -> None:
    keys = {field.encode_name for field in msgspec.structs.fields(policy._PolicyFile)} - {"stage"}
    of_stage = {field.encode_name for field in msgspec.structs.fields(policy._StageFile)}
    of_stage = {{"check": "check.ID"}.get(name, name) for name in of_stage}
    wanted = keys | {"stage.NAME"} | {f"stage.NAME.{name}" for name in of_stage}
    table = PAGE.split("| key | meaning | default |")[1].split("\n\n")[0]
    assert set(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)) == wanted


@pytest.mark.parametrize("kind", [policy._PolicyFile, policy._StageFile])
def test_the_defaults_are_those_of_the_code(kind: type[msgspec.Struct]) -> None:
    for field in msgspec.structs.fields(kind):
        if isinstance(field.default, str):
            assert re.search(
                rf"^\| `(?:stage.NAME.)?{field.encode_name}` \|.*\| `{field.default}` \|$", PAGE, re.M
            )


def test_every_key_of_a_rule_is_in_the_example() -> None:
    for field in msgspec.structs.fields(policy.CelRule):
        assert re.search(rf"^{field.encode_name} = ", EXAMPLE, re.M), field.encode_name


def test_every_namespace_of_facts_is_in_the_table() -> None:
    named = re.findall(r"`([a-z]+)\.[A-Za-z]+`", PAGE.split("| fact | |")[1].split("\n\n")[0])
    assert set(named) == set(cel.NAMESPACES)


def test_every_fact_is_in_the_table() -> None:
    from tests.gate.case import complete

    from modelward.gate import facts

    (known,) = facts.build(complete().context())
    for namespace, values in known.items():
        for name in values if namespace != "metrics" else ["NAME"]:
            assert f"`{namespace}.{name}`" in PAGE


def test_every_blueprint_is_described() -> None:
    for name in blueprints.NAMES:
        assert f"| `{name}` |" in PAGE


def test_every_check_and_option_is_on_the_page_that_is_written() -> None:
    for check in CHECKS.values():
        section = CHECKS_PAGE.split(f"\n## {check.id}\n")[1].split("\n## ")[0]
        for field in msgspec.structs.fields(check.options):
            assert f"| `{field.encode_name}` |" in section


def test_waivers_need_as_many_people_as_the_page_says() -> None:
    assert WAIVER_SIGNERS == 2
    assert "when two\npeople" in PAGE


def test_what_cannot_be_waived_is_what_the_page_says() -> None:
    assert {check.id for check in CHECKS.values() if not check.waivable} == {
        "signed",
        "not-revoked",
        "log-consistent",
    }
    assert "Signature, revocation, log and the verdict *malicious* cannot be waived." in PAGE
