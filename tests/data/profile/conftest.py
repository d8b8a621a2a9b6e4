"""Datasets with known faults, and clean ones beside them, written by pyarrow and read by the real readers."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from modelward.data.profile import facts
from modelward.data.profile.profile import Options, take
from modelward.data.profile.view import Plan, View

Row = dict[str, Any]

VOCABULARY = """
the river runs past old houses where people sit in warm evening light and talk about bread fish
boats rain winter horses roads letters music stones gardens children bells wine markets birds
hills doors
""".split()  # noqa: SIM905  readable


def sentences(count: int, seed: int, length: int = 20) -> list[str]:
    """Sentences that share no long run of words, but by chance."""
    source = random.Random(seed)
    return [" ".join(source.choices(VOCABULARY, k=length)) for _ in range(count)]


def rows(count: int, seed: int = 1) -> list[Row]:
    """Rows without a fault."""
    source = random.Random(seed + 1000)
    return [
        {
            "text": text,
            "label": source.choice(["no", "yes"]),
            "group": source.choice(["north", "south"]),
            "age": source.gauss(40, 10),
        }
        for text in sentences(count, seed)
    ]


def view(columns: dict[str, list[Any]], first: int = 0, **plan: Any) -> View:
    """Rows as statistics see them."""
    count = len(next(iter(columns.values())))
    return View(columns, count, first, Plan.of(columns, Plan(**plan)))


@pytest.fixture
def profiled(tmp_path: Path) -> Callable[..., facts.Profile]:
    """Profiles a dataset, given its files and their rows."""

    def run(
        files: dict[str, list[Row]], against: tuple[str, ...] = (), former: Any = None, **plan: Any
    ) -> facts.Profile:
        folder = tmp_path / "data"
        write(folder, files)
        named = tuple(str(tmp_path / name) if (tmp_path / name).exists() else name for name in against)
        return take(folder, "d", Options(Plan(**plan), against=named), former=former)

    return run


def write(folder: Path, files: dict[str, list[Row]]) -> None:
    """Each file as Parquet."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(content), path)


def rules(profile: facts.Profile) -> set[str]:
    """The ids of what was found."""
    return {finding.rule for finding in profile.findings}
