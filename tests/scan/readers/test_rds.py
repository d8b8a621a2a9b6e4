from __future__ import annotations

import bz2
import gzip
import lzma

import pytest
from tests.formats.assemble_r import call, named, numbers, promise, rds, strings, workspace
from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict

ATTACK = promise(call("system", strings("id")))
DATA = named({"coefficients": numbers(1.0, 2.0), "call": call("lm", strings("eval"))})


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("wrap", [rds, workspace])
def test_promise_in_any_wrapping_cve_2024_27322(pack, wrap) -> None:  # type: ignore[no-untyped-def]
    assert rules(pack(wrap(ATTACK)), "model.rds") == ["harmful-code"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_model_that_is_data_is_clean(pack) -> None:  # type: ignore[no-untyped-def]
    assert examine(pack(workspace(DATA)), "model.rda").verdict is Verdict.CLEAN


def test_object_that_breaks_off_is_not_clean() -> None:
    assert unexamined(rds(DATA)[:-3], "model.rds")


def test_bytes_after_the_object_are_not_clean() -> None:
    assert unexamined(rds(DATA) + b"more bytes", "model.rds")


def test_what_only_pretends_to_be_r_is_not_clean() -> None:
    data = b"RDX2\nexpression\nbase::system('id')"
    assert rules(data, "model.rdata") == ["harmful-code"]
    assert unexamined(data, "model.rdata")


def test_text_that_begins_with_a_letter_is_no_r() -> None:
    assert examine(b"A\nlist of words\n", "notes.txt").verdict is Verdict.CLEAN
