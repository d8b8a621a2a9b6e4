"""Clean the SMS spam collection and split it: sms-clean.csv, sms-dropped.csv, sms-train.csv, sms-test.csv.

    python prepare.py --raw sms-raw.csv --out .

Dropped are empty messages, and all but the first of equal ones. Both steps keep every cell of a row as it is,
so modelward can check them: clean and dropped together are raw, train and test together are clean.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from pathlib import Path

Row = dict[str, str]


def read(path: Path) -> list[Row]:
    """The rows of a CSV file."""
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream, strict=True))


def write(path: Path, rows: list[Row]) -> None:
    """Write rows, the label first: the order of columns is no part of a row."""
    header = sorted(rows[0], key=lambda name: (name != "spam", name != "text"))
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{path}: {len(rows)} rows")


def cleaned(rows: list[Row]) -> tuple[list[Row], list[Row]]:
    """The rows kept and the rows dropped."""
    seen: set[str] = set()
    kept, dropped = [], []
    for row in rows:
        text = row["text"].strip()
        (dropped if not text or text in seen else kept).append(row)
        seen.add(text)
    return kept, dropped


def is_test(row: Row, percent: int) -> bool:
    """Whether a message belongs to the test set: by its text, so the same one whatever the order."""
    digest = hashlib.sha256(row["text"].encode()).digest()
    return int.from_bytes(digest[:8], "big") % 100 < percent


def main() -> None:
    """Read the arguments and write the four files."""
    parser = argparse.ArgumentParser(description="Clean and split the SMS spam collection.")
    parser.add_argument("--raw", type=Path, required=True, help="CSV with columns text and spam (0 or 1)")
    parser.add_argument("--out", type=Path, required=True, help="where the files go")
    parser.add_argument("--test-percent", type=int, default=20)
    options = parser.parse_args()

    kept, dropped = cleaned(read(options.raw))
    options.out.mkdir(parents=True, exist_ok=True)
    write(options.out / "sms-clean.csv", kept)
    write(options.out / "sms-dropped.csv", dropped)
    for name, wanted in (("train", False), ("test", True)):
        part = [row for row in kept if is_test(row, options.test_percent) is wanted]
        write(options.out / f"sms-{name}.csv", part)


if __name__ == "__main__":
    main()
