from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import pytest

from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.scan.settings import Pin, ScanSettings, Suppression, parse

DIGEST = f"sha256:{'0' * 64}"
SUPPRESS = f"""
[[suppress]]
rule = "pickle-unknown-global"
digest = "{DIGEST}"
reason = "read by alice"
until = 2027-01-31
"""
PIN = f"""
[[scan.pin]]
digest = "dirHash:{"1" * 64}"
globals = ["mylib.model.Net", "mylib.size"]
reason = "ours"
"""


def read(text: str) -> ScanSettings:
    table: dict[str, Any] = tomllib.loads(text)
    return parse(table.get("suppress", []), table.get("scan", {}), "modelward.toml")


def test_suppressions_and_pins() -> None:
    settings = read(SUPPRESS + PIN)
    assert settings.suppressions == (
        Suppression("pickle-unknown-global", Digest.parse(DIGEST), "read by alice", date(2027, 1, 31)),
    )
    globals_ = frozenset({"mylib.model.Net", "mylib.size"})
    assert settings.pins == (Pin(Digest("dirHash", "1" * 64), globals_, "ours"),)
    assert settings
    assert settings.names_trees
    assert not read(SUPPRESS).names_trees
    assert not read("")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SUPPRESS.replace("pickle-unknown-global", "nonsense"), "there is no rule 'nonsense'"),
        (SUPPRESS.replace("until", "til"), "unknown setting 'til'"),
        (SUPPRESS.replace("until = 2027-01-31", ""), "until must be a date"),
        (SUPPRESS.replace("2027-01-31", '"2027-01-31"'), "until must be a date"),
        (SUPPRESS.replace("2027-01-31", "2027-01-31T00:00:00Z"), "until must be a date"),
        (SUPPRESS.replace("read by alice", " "), "reason must be text"),
        (SUPPRESS.replace("sha256:", "md5:"), "unknown digest algorithm"),
        (SUPPRESS.replace("sha256:" + "0" * 64, "gitCommit:" + "0" * 40), "must be sha256"),
        (SUPPRESS.replace("[[suppress]]", "[suppress]"), "must be tables"),
        ("suppress = [1]", "must be tables"),
        ("scan = 1", "scan must be a table"),
        ("[scan]\npins = 1", "unknown setting 'pins'"),
        (PIN.replace("[[scan.pin]]", "[scan.pin]"), "must be tables"),
        (PIN.replace('["mylib.model.Net", "mylib.size"]', "[]"), "globals must be a list"),
        (PIN.replace('["mylib.model.Net", "mylib.size"]', '"mylib.Net"'), "globals must be a list"),
        (PIN.replace("mylib.size", "mylib.*"), "not the full name"),
        (PIN.replace("mylib.size", "mylib"), "not the full name"),
        (PIN.replace("mylib.size", "os.system\\n"), "not the full name"),
    ],
)
def test_settings_that_cannot_be_meant_are_errors(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        read(text)
    assert caught.value.where == "modelward.toml"
