"""Signed statements in files beside the log."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.gate.case import complete

from modelward.core.errors import Rejected
from modelward.gate.entry import LogEntry
from modelward.registry.layout import Layout
from modelward.registry.statements import StatementStore

FIRST, SECOND = complete().bundles[:2]


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


def test_a_bundle_is_kept_and_found_by_its_entry(layout: Layout) -> None:
    store = StatementStore(layout)
    store.put(FIRST)
    assert store.get(LogEntry.of(FIRST)).to_bytes() == FIRST.to_bytes()


def test_a_kept_bundle_is_never_replaced(layout: Layout) -> None:
    """Another signature of the same key over the same statement is the same fact."""
    store = StatementStore(layout)
    store.put(FIRST)
    path = layout.bundle(FIRST.statement_id, FIRST.key_id)
    kept = path.stat()
    store.put(FIRST)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (kept.st_ino, kept.st_mtime_ns)


def test_a_missing_bundle_is_no_absent_evidence(layout: Layout) -> None:
    with pytest.raises(Rejected, match=r"the log names statement sha256:.* but it is missing") as caught:
        StatementStore(layout).get(LogEntry.of(FIRST))
    assert caught.value.where == str(layout.bundle(FIRST.statement_id, FIRST.key_id))
    assert "restore the file from a backup" in str(caught.value.help)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff", SECOND.to_bytes()], ids=["empty", "cut", "binary", "other"]
)
def test_a_damaged_or_exchanged_bundle_is_refused(layout: Layout, data: bytes) -> None:
    StatementStore(layout).put(FIRST)
    path = layout.bundle(FIRST.statement_id, FIRST.key_id)
    path.write_bytes(data)
    with pytest.raises(Rejected) as caught:
        StatementStore(layout).get(LogEntry.of(FIRST))
    assert caught.value.where == str(path)


def test_a_planted_file_keeps_a_statement_out_of_the_log(layout: Layout) -> None:
    path = layout.bundle(FIRST.statement_id, FIRST.key_id)
    path.parent.mkdir(parents=True)
    path.write_bytes(SECOND.to_bytes())
    with pytest.raises(Rejected, match="not the one that the log names"):
        StatementStore(layout).put(FIRST)
