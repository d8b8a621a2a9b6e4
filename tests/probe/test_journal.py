"""A journal keeps what was asked, and gives up what a crash tore."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelward.core.errors import InputError
from modelward.probe.journal import Journal


def filled(path: Path) -> bytes:
    journal = Journal(path, "one")
    journal.add({"a": [1.5]})
    journal.add({"b": "text"})
    journal.close()
    return path.read_bytes()


def test_answers_are_there_again(tmp_path: Path) -> None:
    filled(tmp_path / "j")
    journal = Journal(tmp_path / "j", "one")
    assert (journal.get("a"), journal.get("b"), journal.get("c"), len(journal)) == ([1.5], "text", None, 2)
    journal.remove()
    assert not (tmp_path / "j").exists()


def test_every_torn_tail_heals(tmp_path: Path) -> None:
    path = tmp_path / "j"
    whole = filled(path)
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        journal = Journal(path, "one")
        assert journal.get("b") is None
        journal.add({"c": 3})
        journal.close()
        again = Journal(path, "one")
        assert again.get("c") == 3
        again.close()


def test_changed_answers_are_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.write_bytes(filled(path).replace(b"text", b"tent"))
    journal = Journal(path, "one")
    assert (journal.get("a"), journal.get("b")) == ([1.5], None)
    journal.close()


def test_journal_of_another_probe_is_refused(tmp_path: Path) -> None:
    filled(tmp_path / "j")
    with pytest.raises(InputError, match="another probe"):
        Journal(tmp_path / "j", "two")


def test_another_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "thesis").write_text("years\nof\nwork\n", encoding="utf-8")
    with pytest.raises(InputError, match="no journal"):
        Journal(tmp_path / "thesis", "one")
    assert (tmp_path / "thesis").read_text(encoding="utf-8") == "years\nof\nwork\n"


def test_without_a_path_it_is_in_memory() -> None:
    journal = Journal(None, "one")
    journal.add({"a": 1})
    assert journal.get("a") == 1
