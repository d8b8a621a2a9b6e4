"""The README's tour is real: every command gives the output printed there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_MASKS = [
    (r"[0-9a-f]{64}", "HEX"),
    (r"[0-9a-f]{4}…[0-9a-f]{2,4}", "SHORT"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z| UTC)", "TIME"),
    (r"issued .* ago, good for .*", "AGE"),
]


def masked(text: str) -> str:
    for pattern, word in _MASKS:
        text = re.sub(pattern, word, text)
    return text


def steps() -> list[tuple[str, str]]:
    """Commands and their outputs, in order."""
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    found = []
    for block in blocks:
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = step.partition("\n")
            found.append((command, output.rstrip()))
    return found


def test_every_command_of_the_tour_says_what_the_readme_says(tmp_path: Path) -> None:
    place, home = tmp_path / "place", tmp_path / "home"
    place.mkdir()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MODELWARD_")},
        "MODELWARD_HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    assert len(steps()) >= 10
    for command, expected in steps():
        done = subprocess.run(
            command, shell=True, cwd=place, env=environment, capture_output=True, text=True, check=False
        )
        said = (done.stdout + done.stderr).rstrip()
        if done.returncode and "(exit " not in said:
            said += f"\n(exit {done.returncode})"
        said = said.replace(str(home), "~/.config/modelward").replace(f"{place}/", "")
        assert masked(said) == masked(expected), command


def test_the_two_commands_come_first() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    first_block = re.search(r"```\n(.*?)```", text, re.DOTALL)
    assert first_block is not None
    assert [line.split()[:2] for line in first_block[1].splitlines()] == [["make", "demo"], ["make", "test"]]


def test_every_page_that_the_readme_names_exists() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text("utf-8")):
        assert (ROOT / target).is_file(), target
