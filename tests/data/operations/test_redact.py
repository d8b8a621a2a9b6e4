from __future__ import annotations

from typing import Any

ROWS = [{"text": "hello", "mail": "a@example.org"}, {"text": "bye", "mail": "b@example.org"}]


def test_a_column_may_be_removed_or_masked(files: Any, accepted: Any) -> None:
    before = files.index("raw.csv", ROWS)
    removed = files.index("removed.csv", [{"text": row["text"]} for row in ROWS])
    masked = files.index("masked.csv", [{**row, "mail": "***"} for row in ROWS])
    for after in (removed, masked):
        assert accepted("redact", [before], [after], columns=("mail",))["claim"] == "checked"


def test_a_redaction_that_changed_nothing_is_refused(files: Any, refused: Any) -> None:
    before = files.index("raw.csv", ROWS)
    same = files.index("same.csv", ROWS[::-1])
    assert "mail still holds every value it held" in refused("redact", [before], [same], columns=("mail",))


def test_a_redaction_that_changes_the_text_is_refused(files: Any, refused: Any) -> None:
    before = files.index("raw.csv", ROWS)
    after = files.index("clean.csv", [{"text": "hello"}, {"text": "buy"}])
    message = refused("redact", [before], [after], columns=("mail",))
    assert "1 row of clean.csv (without mail) is not in raw.csv" in message
    assert "clean.csv row 2" in message


def test_a_redaction_adds_no_column(files: Any, refused: Any) -> None:
    before = files.index("raw.csv", ROWS)
    after = files.index("more.csv", [{**row, "note": "x"} for row in ROWS])
    assert "column 'note' was added" in refused("redact", [before], [after], columns=("note",))
