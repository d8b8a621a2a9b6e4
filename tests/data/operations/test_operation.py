from __future__ import annotations

from typing import Any

import pytest

from modelward.core.errors import UsageError
from modelward.data.custody import OPERATIONS, Details, check
from modelward.data.declaration import Declaration, Generator, Thing
from modelward.data.operations.operation import OPTIONS

ROWS = [{"text": "a"}]


def test_what_an_operation_can_be_told_has_an_option() -> None:
    for rule in OPERATIONS.values():
        assert rule.takes <= OPTIONS.keys()
        assert {name for group in rule.needs for name in group} <= OPTIONS.keys()


@pytest.mark.parametrize("name", ["collect", "synthesise", "label", "annotate", "redact", "delete"])
def test_an_operation_that_lacks_what_it_needs_is_refused(files: Any, name: str) -> None:
    one, other = files.index("a.csv", ROWS), files.index("b.csv", ROWS)
    inputs = [] if name in ("collect", "synthesise") else [one]
    with pytest.raises(UsageError, match="says nothing without"):
        check(name, inputs, [other])


def test_what_an_operation_does_not_take_is_refused(files: Any) -> None:
    one, other = files.index("a.csv", ROWS), files.index("b.csv", ROWS)
    with pytest.raises(UsageError, match="shuffle takes no --column"):
        check("shuffle", [one], [other], details=Details(columns=("text",)))


def test_synthetic_rows_name_their_generator_and_stay_declared(files: Any, accepted: Any) -> None:
    made = Generator(model=Thing(name="llm", digest="dirHash:" + "0" * 64), prompt="write a joke", seed="7")
    done = accepted("synthesise", [], [files.index("a.csv", ROWS)], None, Declaration(generator=made))
    assert done["claim"] == "declared"
    assert done["generator"]["model"]["name"] == "llm"
