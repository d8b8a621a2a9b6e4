from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.core import merkle
from modelward.core.errors import InputError, Rejected
from modelward.data.capture.growth import Growth


def leaves(start: int, stop: int) -> list[bytes]:
    return [merkle.leaf_hash(str(number).encode()) for number in range(start, stop)]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=8))
def test_each_whole_is_proved_to_go_on_from_the_former(batches: list[int]) -> None:
    growth, size = Growth(), 0
    for count in batches:
        grown, proof = growth.extended(leaves(size, size + count))
        size += count
        assert grown.root.raw == merkle.root(leaves(0, size))
        assert proof == merkle.consistency_proof(leaves(0, size), growth.rows)
        merkle.verify_consistency(growth.rows, growth.root.raw, size, grown.root.raw, proof)
        growth = Growth.parse(size, [node.hex() for node in grown.complete])


def test_a_whole_with_a_changed_row_is_not_proved() -> None:
    growth, _ = Growth().extended(leaves(0, 5))
    changed, _ = Growth().extended([*leaves(0, 2), *leaves(7, 10)])
    grown, proof = changed.extended(leaves(5, 9))
    with pytest.raises(Rejected):
        merkle.verify_consistency(growth.rows, growth.root.raw, grown.rows, grown.root.raw, proof)


@pytest.mark.parametrize(("rows", "complete"), [(3, ["00" * 32]), (1, ["xx"]), (-1, [])])
def test_a_damaged_tree_is_refused(rows: int, complete: list[str]) -> None:
    with pytest.raises(InputError):
        Growth.parse(rows, complete)
