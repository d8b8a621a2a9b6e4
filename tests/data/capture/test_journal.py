from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelward.core.errors import InputError
from modelward.data.capture import journal
from modelward.data.capture.journal import Journal

GROUPS = [[b'{"a":1}', b'{"a":2}'], [b'{"a":3}'], [b'{"a":4}', b'{"a":5}']]
ROWS = [row + b"\n" for group in GROUPS for row in group]


def written(path: Path) -> list[int]:
    """A journal of three groups; the sizes after each."""
    made = Journal(path, 7)
    sizes = [made.size]
    for group in GROUPS:
        made.append(group)
        sizes.append(made.size)
    made.close()
    return sizes


def test_rows_are_there_in_order_when_it_is_opened_again(tmp_path: Path) -> None:
    written(tmp_path / "j")
    again = Journal(tmp_path / "j", 7)
    assert (again.rows, again.healed.torn) == (5, 0)
    again.append([b"{}"])
    again.close()
    assert list(journal.rows(tmp_path / "j", 7)) == [*ROWS, b"{}\n"]


def test_at_whatever_byte_a_write_was_torn_all_whole_groups_stand(tmp_path: Path) -> None:
    path = tmp_path / "j"
    sizes = written(path)
    whole = path.read_bytes()
    for length in range(sizes[0], len(whole)):
        path.write_bytes(whole[:length])
        complete = max(number for number, size in enumerate(sizes) if size <= length)
        assert journal.heal(path, 7)[1:] == (sizes[complete], length - sizes[complete])
        assert list(journal.rows(path, 7)) == [row + b"\n" for group in GROUPS[:complete] for row in group]
    Journal(path, 7).close()
    assert path.stat().st_size == sizes[2]
    assert not list(tmp_path.glob("*.damaged"))


@settings(max_examples=40)
@given(st.binary(max_size=40))
def test_garbage_at_the_end_is_cut_off(tmp_path_factory: pytest.TempPathFactory, garbage: bytes) -> None:
    path = tmp_path_factory.mktemp("j") / "j"
    written(path)
    with path.open("ab") as stream:
        stream.write(garbage)
    Journal(path, 7).close()
    assert list(journal.rows(path, 7)) == ROWS


def test_damage_before_a_whole_group_is_no_torn_write(tmp_path: Path) -> None:
    path = tmp_path / "j"
    sizes = written(path)
    whole = path.read_bytes()
    for place in range(sizes[0], sizes[2]):  # of a group that another follows
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(InputError, match="acknowledged are damaged"):
            Journal(path, 7)
        assert path.stat().st_size == len(whole)


def test_damage_of_the_last_groups_is_cut_off_but_kept(tmp_path: Path) -> None:
    path = tmp_path / "j"
    sizes = written(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: sizes[2] + 4] + b"x" + whole[sizes[2] + 5 :])
    Journal(path, 7).close()
    assert list(journal.rows(path, 7)) == ROWS[:3]
    (kept,) = tmp_path.glob("*.damaged")
    assert kept.read_bytes() == whole[sizes[2] : sizes[2] + 4] + b"x" + whole[sizes[2] + 5 :]


@pytest.mark.parametrize("header", [b"", b"x", b"#modelward-capture/1 8\n"])
def test_another_batchs_journal_is_refused(tmp_path: Path, header: bytes) -> None:
    (tmp_path / "j").write_bytes(header)
    with pytest.raises(InputError, match="not the journal of batch 7"):
        Journal(tmp_path / "j", 7)


def test_a_commit_line_that_miscounts_commits_nothing(tmp_path: Path) -> None:
    path = tmp_path / "j"
    sizes = written(path)
    data = path.read_bytes()[: sizes[1]].replace(b"#2 ", b"#9 ")
    path.write_bytes(data)
    assert journal.heal(path, 7) == (0, sizes[0], sizes[1] - sizes[0])
