from __future__ import annotations

from tests.formats.assemble import safetensors
from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict

TENSOR = {"w": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}}


def test_a_description_that_is_a_program() -> None:
    header = {"__metadata__": {"info": "import os; os.system('echo pwned')"}, **TENSOR}
    report = examine(safetensors(header, b"x"))
    assert [finding.rule for finding in report.findings] == ["code-in-metadata"]
    assert report.findings[0].message == "metadata 'info' is code, which runs a shell command"
    assert report.verdict is Verdict.UNVERIFIED


def test_near_miss_a_description_that_mentions_one() -> None:
    assert (
        rules(safetensors({"__metadata__": {"info": "never call os.system('id') here"}, **TENSOR}, b"x"))
        == []
    )
