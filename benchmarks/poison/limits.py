"""docs/data/poison_limits.md: what is found and what is not, written from measurements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.poison import sets
from benchmarks.poison.measures import Cell, Clean

PAGE = Path(__file__).resolve().parents[2] / "docs" / "data" / "poison_limits.md"

HEAD = """# What the data checks find, and what they do not

Measured by `python benchmarks/poison/run.py {options}`, which wrote this page. Attacks are made on real sets
out of wheels (`benchmarks/poison/sets.py`); sets marked * were held out when the checks were tuned. Other
attacks and other data will give other figures: what is not found here will not be found there, and a clean
report never proves that data is clean.
"""


def write(
    clean: Sequence[Clean],
    cells: Sequence[Cell],
    curves: Mapping[tuple[str, str], int | None],
    history: bool,
) -> None:
    """Write the page."""
    options = " ".join(filter(None, ("--history" if history else "", "--curve" if curves else "", "--write")))
    parts = [HEAD.format(options=options)]
    if cells:
        parts += [_missed(cells), _found(cells, curves)]
    if clean:
        parts.append(_clean(clean))
    PAGE.write_text("\n".join(parts), encoding="utf-8")
    print(f"wrote {PAGE.name}")


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def _marked(name: str) -> str:
    return name if name in sets.DEVELOPMENT else f"{name}*"


def _missed(cells: Sequence[Cell]) -> str:
    """What to say first: where less than nine in ten poisoned rows are found."""
    missed = [cell for cell in cells if cell.recall < 0.9]
    head = (
        "## Not found, or not all of it\n"
        "Fewer than nine in ten of the poisoned rows stand out at 1% false positives:\n\n"
    )
    return head + _table(
        ("Attack", "Set", "Poisoned rows", "Recall"),
        ((cell.attack, _marked(cell.set), cell.rows, f"{cell.recall:.2f}") for cell in missed),
    )


def _found(cells: Sequence[Cell], curves: Mapping[tuple[str, str], int | None]) -> str:
    head = (
        "## Every attack\n"
        "Recall is that of poisoned rows with 1% of the clean rows above the line. *Named*: the "
        "trigger is\nin the first five findings. *From* is the smallest number of poisoned rows "
        "(5, 8, 10, 15, 25,\n50, 100, 200, 400) with a recall of 0.9.\n\n"
    )
    peers = list(dict.fromkeys(name for cell in cells for name in cell.peers))

    def least(cell: Cell) -> object:
        if (cell.attack, cell.set) not in curves:
            return "-"
        return curves[cell.attack, cell.set] or "not"

    return head + _table(
        (
            "Family",
            "Attack",
            "Set",
            "Rows",
            "AUROC",
            "Recall",
            "Named",
            "Contributor",
            "From",
            *(f"{name} recall" for name in peers),
        ),
        (
            (
                cell.family,
                cell.attack,
                _marked(cell.set),
                cell.rows,
                f"{cell.area:.3f}",
                f"{cell.recall:.2f}",
                _said(cell.named),
                _said(cell.flagged),
                least(cell),
                *(f"{cell.peers[name][1]:.2f}" if name in cell.peers else "-" for name in peers),
            )
            for cell in cells
        ),
    )


def _said(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def _clean(clean: Sequence[Clean]) -> str:
    head = "## Clean sets\nFindings on data that nobody poisoned, and how long it took on two cores:\n\n"
    return head + _table(
        ("Set", "Rows", "Critical", "To review", "Information", "Seconds"),
        (
            (
                _marked(one.name),
                one.rows,
                one.critical,
                one.findings - one.critical,
                one.information,
                f"{one.seconds:.1f}",
            )
            for one in clean
        ),
    )
