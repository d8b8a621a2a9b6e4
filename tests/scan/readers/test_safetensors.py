from __future__ import annotations

from tests.formats.assemble import good_safetensors, safetensors
from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict
from modelward.formats.safetensors import MAX_READ_BYTES


def test_cut_file_is_malformed() -> None:
    assert rules(good_safetensors()[:-1]) == ["safetensors-malformed"]


def test_header_past_the_bound_is_incomplete() -> None:
    sample = safetensors(b"{}".ljust(MAX_READ_BYTES + 1))
    assert examine(sample).verdict is Verdict.INCOMPLETE
    assert unexamined(sample) == {"model.bin": "its header is over 32 MiB"}


def test_header_that_is_not_strict_json_is_malformed() -> None:
    assert rules(safetensors(b'{"a":1,"a":2}')) == ["safetensors-malformed"]
