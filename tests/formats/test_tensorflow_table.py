from __future__ import annotations

import contextlib

import pytest
from tests.formats.assemble_graph import checkpoint_index, table
from tests.formats.gather import kinds

from modelward.core.errors import InputError
from modelward.formats.source import BytesSource
from modelward.formats.tensorflow_table import facts

NAME = "variables/variables.index"
SHARD = "variables/variables.data-00000-of-00001"


def found(data: bytes, siblings: frozenset[str] = frozenset()) -> list[str]:
    return kinds(facts(BytesSource(data), NAME, siblings))


def test_a_sound_index_is_silent() -> None:
    assert found(checkpoint_index(("a/w", (2, 3), 0, 24), ("b", (), 24, 4)), frozenset({NAME, SHARD})) == []


def test_a_shard_that_is_not_there_is_missed() -> None:
    assert found(checkpoint_index(("w", (2,), 0, 8)), frozenset({NAME, "x"})) == ["Unread"]
    assert found(checkpoint_index(("w", (2,), 0, 8), shards=1 << 40)) == ["Overflow"]


@pytest.mark.parametrize(
    "entry",
    [
        ("w", (-1,), 0, 8),
        ("w", (1 << 40, 1 << 40), 0, 8),
        ("w", (2,), 1 << 62, 8),
        ("w", (2,), 0, -8),
        ("w", (1000,), 0, 8),
    ],
)
def test_sizes_that_overflow_are_an_attack(entry: tuple[str, tuple[int, ...], int, int]) -> None:
    assert found(checkpoint_index(entry)) == ["Overflow"]


def test_damage_is_an_error() -> None:
    good = checkpoint_index(("w", (2,), 0, 8))
    with pytest.raises(InputError, match="compressed"):
        found(table([(b"", b"\x08\x01")], compressed=True))
    with pytest.raises(InputError):
        found(good[:20] + good[-48:])
    for at in range(len(good) - 8):
        changed = good[:at] + bytes([good[at] ^ 0x55]) + good[at + 1 :]
        with contextlib.suppress(InputError):
            found(changed)
