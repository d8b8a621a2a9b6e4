from __future__ import annotations

import contextlib
import struct

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xgboost import XGBClassifier

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.facts import Malformed, Overflow
from modelward.formats.source import BytesSource
from modelward.formats.ubjson import Walked, walk


def found(data: bytes) -> list[object]:
    return list(walk(BytesSource(data)))


def model() -> bytes:
    numbers = numpy.random.default_rng(0)
    fitted = XGBClassifier(n_estimators=2, max_depth=2).fit(numbers.random((20, 3)), numpy.arange(20) % 2)
    return bytes(fitted.get_booster().save_raw("ubj"))


MODEL = model()


def test_model_of_xgboost_itself_is_walked_to_its_end() -> None:
    (walked,) = found(MODEL)
    assert isinstance(walked, Walked)
    assert (walked.end, sorted(walked.keys)) == (len(MODEL), ["learner", "version"])


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"{i\x01aT}",
        b"{U\x01aSU\x03abc}",
        b"{i\x01a[$U#i\x03abc}",
        b"{i\x01a[#i\x02TF}",
        b"{i\x01a{#i\x01i\x01bZ}",
        b"{i\x01a[TFNZ]}",
        b"{i\x01aD" + bytes(8) + b"}",
    ],
)
def test_every_kind_of_container(data: bytes) -> None:
    (walked,) = found(data)
    assert isinstance(walked, Walked)
    assert walked.end == len(data)


def test_little_endian_as_bjdata_has_it() -> None:
    data = b"{L" + struct.pack("<q", 1) + b"aT}"
    assert found(data) == [Walked(len(data), ("a",))]


@pytest.mark.parametrize("count", [-1, 1 << 60])
def test_counts_made_to_overflow(count: int) -> None:
    facts = []
    with contextlib.suppress(InputError):
        for fact in walk(BytesSource(b"{i\x01a[$d#L" + struct.pack(">q", count) + b"}")):
            facts.append(fact)  # noqa: PERF402
    assert [type(fact) for fact in facts] == [Overflow]


def test_key_given_twice() -> None:
    assert isinstance(found(b"{i\x01aTi\x01aF}")[0], Malformed)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{i\x01a?}", b"{i\x01a[$U]}", b"{T\x01}", b"{i\xffa}"])
def test_other_bytes(data: bytes) -> None:
    with pytest.raises(InputError):
        found(data)


def test_depth_is_bounded() -> None:
    with pytest.raises(LimitExceeded):
        found(b"{i\x01a" + b"[" * 5000)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), min_size=1, max_size=6))
def test_changed_models_raise_only_our_errors(changes: list[tuple[int, int]]) -> None:
    data = bytearray(MODEL)
    for at, value in changes:
        data[at % len(data)] = value
    with contextlib.suppress(InputError):
        found(bytes(data))
