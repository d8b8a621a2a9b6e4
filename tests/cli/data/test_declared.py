from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def custody(command: Callable[..., Any], *arguments: str) -> Any:
    return command(
        "data", "custody", "--out", "raw.csv", "--name", "raw", "--statement", "s.jsonl", *arguments
    )


def recorded(here: Path) -> dict[str, Any]:
    lines = (here / "s.jsonl").read_text().splitlines()
    found: dict[str, Any] = json.loads(lines[-1])["predicate"]
    return found


def test_a_file_declares_and_options_stand_before_it(command: Callable[..., Any], here: Path) -> None:
    (here / "d.toml").write_text(
        'licence = "CC0-1.0"\nversion = "3"\nparameters = {a = "1"}\n'
        '[source]\nuri = "https://example.org"\ngeography = "DE"\ncollector = "bot"\n'
    )
    done = custody(
        *(command, "--operation", "collect", "--declare", "d.toml", "--licence", "MIT", "--channel", "crawl"),
        *("--parameter", "b=2", "--code", "clean.csv", "--personal-data", "none"),
    )
    assert done.code == 0, done.err
    said = recorded(here)
    assert (said["licence"], said["version"], said["personalData"]) == ("MIT", "3", "none")
    assert said["parameters"] == {"a": "1", "b": "2"}
    assert said["source"]["channel"] == "crawl"
    assert said["source"]["geography"] == "DE"
    assert said["code"][0]["name"] == "clean.csv"


def test_synthetic_rows_name_the_model_by_its_digest(command: Callable[..., Any], here: Path) -> None:
    (here / "model").mkdir()
    (here / "model" / "weights").write_bytes(b"w")
    (here / "prompts.txt").write_text("write a joke")
    done = custody(
        *(command, "--operation", "synthesise", "--generator", "model", "--prompts", "prompts.txt"),
    )
    assert done.code == 0, done.err
    said = recorded(here)["generator"]
    assert said["model"]["digest"].startswith("dirHash:")
    assert said["prompts"]["name"] == "prompts.txt"
    assert "synthesise, declared" in done.out


def test_what_says_more_about_nothing_is_refused(command: Callable[..., Any]) -> None:
    for more in (("--channel", "crawl"), ("--prompts", "clean.csv"), ("--contributor", "c")):
        done = custody(command, "--operation", "collect", *more)
        assert done.code == 2
        assert "say more about" in done.err or "given to a model" in done.err
