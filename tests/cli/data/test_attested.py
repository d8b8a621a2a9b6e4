"""Inputs of a step held against the registry; what the command says of them is in test_custody.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from modelward.cli.data.attested import read_inputs
from modelward.data.options import Options


def test_an_input_agrees_with_a_snapshot_of_the_same_roots_only(
    command: Callable[..., Any], registry: None, here: Path
) -> None:
    (here / "numbers.csv").write_text("n\n1\n2\n")
    assert command("data", "snapshot", "numbers.csv", "--name", "n", "--type", "n=int64").code == 0
    path = here / "numbers.csv"
    (typed,) = read_inputs([path], "n", Options({"n": "int64"}), None)
    (text,) = read_inputs([path], "n", Options(), None)
    assert (typed.signer, typed.origin) == ("dora", "attested: snapshot by dora")
    assert text.snapshot is None


def test_without_a_registry_nothing_is_attested(here: Path) -> None:
    (given,) = read_inputs([here / "raw.csv"], "raw", Options(), None)
    assert given.origin == "observed: no signed snapshot"
