from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.core.errors import InputError
from modelward.formats.facts import Overflow
from modelward.formats.source import BytesSource
from modelward.formats.xgboost import NotXgboost, facts


def name(text: bytes) -> bytes:
    return struct.pack("<Q", len(text)) + text


def model(
    *, trees: int = 2, nodes: int = 3, booster: bytes = b"gbtree", objective: bytes = b"binary:logistic"
) -> bytes:
    """A model of the old format: structures of fixed sizes."""
    tree = struct.pack("<ii", 1, nodes).ljust(148, b"\0") + bytes(36 * min(max(nodes, 0), 100))
    head = b"binf" + bytes(136) + name(objective) + name(booster)
    return head + struct.pack("<i", trees).ljust(160, b"\0") + tree * min(max(trees, 0), 100)


def found(data: bytes) -> list[Overflow]:
    return list(facts(BytesSource(data)))


@pytest.mark.parametrize("booster", [b"gbtree", b"dart", b"gblinear"])
def test_models_show_nothing(booster: bytes) -> None:
    assert found(model(booster=booster)) == []


@pytest.mark.parametrize(
    "data", [model(trees=-1), model(trees=1 << 30), model(nodes=-3), model(nodes=1 << 30)]
)
def test_counts_made_to_overflow(data: bytes) -> None:
    assert len(found(data)) == 1


@pytest.mark.parametrize("data", [model(objective=b"x" * 300), model(booster=b"\0\1"), b"bs64" + bytes(300)])
def test_other_bytes_are_no_model(data: bytes) -> None:
    with pytest.raises(NotXgboost):
        found(data)


def test_model_that_breaks_off() -> None:
    with pytest.raises(InputError):
        found(model()[:-1])


@given(st.binary(max_size=80), st.integers(0, 500))
def test_changed_models_raise_only_our_errors(junk: bytes, at: int) -> None:
    data = model()
    with contextlib.suppress(InputError):
        found(data[:at] + junk + data[at + len(junk) :])
