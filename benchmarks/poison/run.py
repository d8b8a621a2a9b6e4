"""How much poison the checks find, and what they say of clean data: `python benchmarks/poison/run.py`.

1. clean sets: findings, which should be none
2. every attack on a set that the checks were tuned on and on one that was held out: area under the curve,
   recall at 1% false positives, whether the trigger is named in the first five findings, whose rows were
   flagged; beside ART, cleanlab and an n-gram z-score on the same rows
3. --curve: the smallest number of poisoned rows of which nine in ten are found

--sets, --attacks choose by name (parts of names); --history checks half of each set against the other half;
--held-out takes only sets held out; --no-peers leaves the others out; --write puts what was measured into
docs/data/poison_limits.md. Exit code 1 if a peer is ahead on a line or clean data raises too much.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.poison import limits, peers, sets, shipped
from benchmarks.poison.attacks import ATTACKS, Attack, Poisoned
from benchmarks.poison.measures import Cell, Clean, measured, reported
from benchmarks.poison.sets import Rows

STEPS = (5, 8, 10, 15, 25, 50, 100, 200, 400)
FOUND = 0.9
#: Of one set at most so many findings, none of them critical.
MAX_FINDINGS = 1
#: A peer is ahead if it is by more than this.
MARGIN = 0.005


@dataclass(frozen=True)
class Choice:
    """What is to be measured."""

    sets: Sequence[str]
    attacks: Sequence[str]
    history: bool
    held_out: bool
    peers: bool
    rows: int | None
    seeds: int

    def wants(self, name: str) -> bool:
        """Whether a set is chosen."""
        if self.held_out and name in sets.DEVELOPMENT:
            return False
        return not self.sets or any(part in name for part in self.sets)

    def chosen(self) -> Iterator[tuple[Attack, str]]:
        """The attacks that are chosen, each with the sets that it is tried on."""
        pairs = [(attack, name) for attack in ATTACKS for name in places(attack, self)]
        pairs += [(attack, name) for attack, name in shipped.attacks() if self.wants(name)]
        for attack, name in pairs:
            if not self.attacks or any(part in f"{attack.name}; {attack.family}" for part in self.attacks):
                yield attack, name


@cache
def loaded(name: str) -> Rows:
    """A set."""
    return sets.named()[name]()


def places(attack: Attack, choice: Choice) -> list[str]:
    """The sets an attack is tried on: all that were asked for, or one of those tuned on and one held out."""
    able = [name for name in sets.named() if choice.wants(name) and loaded(name).kind in attack.kinds]
    if choice.sets:
        return able
    turn = sum(map(ord, attack.name))
    tuned = [name for name in able if name in sets.DEVELOPMENT]
    held = [name for name in able if name in sets.HELD_OUT]
    return [group[turn % len(group)] for group in (tuned, held) if group]


def batch(name: str, choice: Choice) -> tuple[Rows, Rows | None]:
    """The rows to poison and their history."""
    return loaded(name).halves() if choice.history else (loaded(name), None)


def cell(attack: Attack, name: str, choice: Choice, rows: int | None = None, seed: int = 0) -> Cell:
    """One attack on one set."""
    clean, history = batch(name, choice)
    poisoned: Poisoned = attack.on(clean, rows or choice.rows, seed)
    if history and poisoned.before:
        history = replace(history, contributors=None, times=None).plus(poisoned.before)
    report, seconds = reported(poisoned.rows, history)
    others = peers.scores(poisoned.rows) if choice.peers else {}
    return measured(attack, name, poisoned, report, seconds, others)


def clean_sets(choice: Choice) -> Iterator[Clean]:
    """What the checks say of data that nobody poisoned."""
    for name in sets.named():
        if choice.wants(name):
            rows, history = batch(name, choice)
            report, seconds = reported(rows, history)
            yield Clean.of(name, rows, report, seconds)


def curve(attack: Attack, name: str, choice: Choice) -> int | None:
    """The smallest number of STEPS with which nine in ten poisoned rows are found, over the seeds.

    More rows are taken to be found no worse than fewer.
    """

    def found(rows: int) -> bool:
        cells = [cell(attack, name, choice, rows, seed) for seed in range(choice.seeds)]
        return sum(one.recall for one in cells) / len(cells) >= FOUND

    steps = [rows for rows in STEPS if rows * 3 <= len(batch(name, choice)[0])]
    if not steps or not found(steps[-1]):
        return None
    return steps[bisect_left(steps[:-1], True, key=found)]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what was asked for, and print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("sets", "attacks"):
        parser.add_argument(f"--{name}", nargs="+", default=())
    for name in ("history", "held-out", "no-peers", "curve", "no-clean", "only-clean", "write"):
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--rows", type=int)
    parser.add_argument("--seeds", type=int, default=1)
    asked = parser.parse_args(argv)
    choice = Choice(
        asked.sets, asked.attacks, asked.history, asked.held_out, not asked.no_peers, asked.rows, asked.seeds
    )
    warnings.filterwarnings("ignore")
    started = time.monotonic()
    clean = [] if asked.no_clean else list(_shown_clean(choice))
    cells = [] if asked.only_clean else list(_shown_cells(choice))
    curves = dict(_shown_curves(choice)) if asked.curve else {}
    print(f"{time.monotonic() - started:.0f} s in all")
    if asked.write:
        limits.write(clean, cells, curves, history=asked.history)
    wrong = [one for one in clean if one.critical or one.findings > MAX_FINDINGS]
    behind = [one for one in cells if one.behind(MARGIN)]
    for one in wrong:
        print(f"clean set {one.name}: {one.critical} critical, {one.findings} in all")
    for each in behind:
        print(f"behind on {each.attack} / {each.set}: {', '.join(each.behind(MARGIN))}")
    return 1 if wrong or behind else 0


def _shown_clean(choice: Choice) -> Iterator[Clean]:
    print(Clean.HEAD)
    for one in clean_sets(choice):
        print(one.line(), flush=True)
        yield one


def _shown_cells(choice: Choice) -> Iterator[Cell]:
    print(Cell.HEAD)
    for attack, name in choice.chosen():
        for seed in range(choice.seeds):
            one = cell(attack, name, choice, seed=seed)
            print(one.line(), flush=True)
            yield one


def _shown_curves(choice: Choice) -> Iterator[tuple[tuple[str, str], int | None]]:
    alone = Choice(choice.sets, choice.attacks, choice.history, choice.held_out, False, None, choice.seeds)
    for attack, name in choice.chosen():
        smallest = curve(attack, name, alone)
        print(f"{attack.name:28} {name:14} {smallest or f'more than {STEPS[-1]}'}", flush=True)
        yield (attack.name, name), smallest


if __name__ == "__main__":
    sys.exit(main())
