"""The state of a feed: kept through a crash between its record and its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelward.cli.data.feed_state import FeedState
from modelward.core.digest import Digest
from modelward.core.errors import InputError, UsageError

BATCH = Digest.sha256(b"batch")


def test_without_a_feed_nothing_is_kept(tmp_path: Path) -> None:
    state = FeedState.open(None, None, BATCH, None)
    state.write(b"x")
    state.keep(b"x")
    assert state.data == b""
    assert not list(tmp_path.glob("*state*"))


def test_a_state_takes_the_place_of_the_former_one_when_it_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "forum.state"
    state = FeedState.open("forum", path, BATCH, None)
    state.write(b"one")
    assert not path.exists()
    state.keep(b"one")
    assert FeedState.open("forum", path, BATCH, None).data == b"one"
    assert [file.name for file in tmp_path.glob("*state*")] == ["forum.state"]


def test_a_feed_has_a_name_and_a_state(tmp_path: Path) -> None:
    for feed, path in (("forum", None), (None, tmp_path / "s")):
        with pytest.raises(UsageError, match="a name and a state"):
            FeedState.open(feed, path, BATCH, None)
    with pytest.raises(UsageError, match="not a name"):
        FeedState.open("a b", tmp_path / "s", BATCH, None)
    with pytest.raises(InputError, match="cannot be read"):
        FeedState.open("forum", tmp_path, BATCH, None)
