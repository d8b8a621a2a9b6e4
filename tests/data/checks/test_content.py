"""The name of a finding is its content: one row, or one word, more or less is another finding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from modelward.core.digest import Digest
from modelward.data.checks.content import content, set_root
from modelward.data.checks.examine import row_digests
from modelward.data.snapshot import take


def test_the_set_root_of_rows_is_that_of_a_dataset_of_just_these_rows(tmp_path: Path) -> None:
    lines = ["text", "b", "a", "c", "a", "d"]
    (tmp_path / "all.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "some.csv").write_text("text\na\nd\na\n")
    everything, some = take(tmp_path / "all.csv", "all"), take(tmp_path / "some.csv", "some")
    digests = row_digests(everything)
    assert set_root(digests, [1, 3, 4]) == some.set_root
    assert set_root(digests, range(5)) == everything.set_root


@given(st.lists(st.integers(0, 9), min_size=1))
def test_the_order_of_rows_does_not_matter_and_copies_count(rows: list[int]) -> None:
    digests = np.arange(320, dtype=np.uint8).reshape(10, 32)
    root = set_root(digests, rows)
    assert set_root(digests, sorted(rows)) == root
    assert set_root(digests, [*rows, rows[0]]) != root


def test_every_part_of_the_content_matters() -> None:
    rows, other = Digest.sha256(b"rows"), Digest.sha256(b"other")
    same = content("association", "words", "a", "b", rows)
    assert same == content("association", "words", "a", "b", rows)
    others = {
        content("other", "words", "a", "b", rows),
        content("association", "characters", "a", "b", rows),
        content("association", "words", "ab", "b", rows),
        content("association", "words", "a", "ab", rows),
        content("association", "words", "a", "b", other),
    }
    assert len(others | {same}) == 6
