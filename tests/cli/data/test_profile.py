from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelward.attest.predicates import Profile
from modelward.attest.statement import Statement


def test_a_profile_is_printed(command: Callable[..., Any], here: Path) -> None:
    done = command("data", "profile", "raw.csv", "--text", "text")
    assert done.code == 0, done.err
    assert "rows       4" in done.out
    assert (
        "warning[duplicate-rows]: 1 row (25.0%) copied from another\n  --> raw.csv row 2, 2 times" in done.out
    )


def test_the_figures_are_signed_and_published(
    command: Callable[..., Any], registry: None, here: Path
) -> None:
    done = command("data", "profile", "raw.csv", "--name", "raw", "--html", "page.html")
    assert done.code == 0, done.err
    assert "log entry" in done.out
    assert (here / "page.html").read_text().startswith("<!doctype html>")


def test_an_unsigned_statement_goes_where_asked(command: Callable[..., Any], here: Path) -> None:
    done = command(
        *("data", "profile", "raw.csv", "--name", "raw", "--out", "s.json", "--against", "clean.csv")
    )
    assert done.code == 0, done.err
    statement = Statement.from_bytes((here / "s.json").read_bytes())
    found = statement.typed(Profile)
    assert (found.rows, found.figures.duplicate_rows, found.against[0].same_row) == (4, 0.25, 3)


def test_a_former_profile_is_a_file(command: Callable[..., Any], here: Path) -> None:
    first = command("data", "profile", "raw.csv", "--json", "--engine", "local:1")
    assert json.loads(first.out)["profile"]["rows"] == 4
    (here / "former.json").write_text(first.out)
    done = command("data", "profile", "clean.csv", "--former", "former.json")
    assert "drift      from sha256:" in done.out
    assert command("data", "profile", "clean.csv", "--former", "raw.csv").out == done.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["missing.csv"],
        ["raw.csv", "--name", "a b", "--out", "s.json"],
        ["raw.csv", "--name", "raw"],  # no registry, no --out
        ["raw.csv", "--out", "s.json"],  # no name
        ["raw.csv", "--label", "other"],
        ["raw.csv", "--against", "other"],
        ["raw.csv", "--region", "XX"],
        ["raw.csv", "--engine", "other"],
        ["raw.csv", "--former", "missing.csv"],
        ["raw.csv", "--html", "."],
    ],
)
def test_mistakes_are_refused_and_leave_nothing(
    command: Callable[..., Any], here: Path, arguments: list[str]
) -> None:
    before = sorted(here.iterdir())
    done = command("data", "profile", *arguments)
    assert done.code == 2
    assert done.err.startswith("error: ")
    assert sorted(here.iterdir()) == before
