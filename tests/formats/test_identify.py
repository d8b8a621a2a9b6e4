from __future__ import annotations

import pytest
from tests.formats.assemble import SHELL, Zip, good_safetensors, pickle

from modelward.formats.identify import Format, candidates, describe
from modelward.formats.source import BytesSource

ZIP, SAFETENSORS, PICKLE, TEXT = Format.ZIP, Format.SAFETENSORS, Format.PICKLE, Format.TEXT


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (pickle(SHELL), {PICKLE}),
        (b"cos\nsystem\n(S'id'\ntR.", {PICKLE, TEXT}),
        (Zip().add("a", b"x").bytes(), {ZIP}),
        (pickle(SHELL) + Zip().add("a", b"x").bytes(), {ZIP, PICKLE}),
        (Zip().add("a", b"x").bytes(suffix=b"junk"), {ZIP}),
        (good_safetensors(), {SAFETENSORS}),
        (good_safetensors() + Zip().add("a", b"x").bytes(), {SAFETENSORS, ZIP}),
        (b'{"a": 1}', {TEXT}),
    ],
)
def test_every_reading_is_a_candidate(data: bytes, wanted: set[Format]) -> None:
    assert wanted <= set(candidates(BytesSource(data)))


def test_nothing_is_a_candidate_for_nothing() -> None:
    assert candidates(BytesSource(b"")) == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x1f\x9d\x90abc", "unknown format, starts 1f 9d 90"),
    ],
)
def test_what_is_not_read_is_named(data: bytes, words: str) -> None:
    assert describe(BytesSource(data)) == words
