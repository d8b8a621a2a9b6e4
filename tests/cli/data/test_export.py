from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelward.data.exchange import croissant

COLLECT = (
    *("data", "custody", "--operation", "collect", "--out", "raw.csv", "--name", "sms"),
    *("--source", "https://example.org/sms", "--licence", "CC-BY-4.0", "--notes", "Messages."),
)
FILTER = (
    *("data", "custody", "--operation", "filter", "--in", "raw.csv", "--out", "kept.csv", "--name", "kept"),
)


@pytest.fixture
def recorded(command: Callable[..., Any], registry: None, here: Path) -> None:
    (here / "kept.csv").write_text("text,label\nhello,ham\n")
    for arguments in (COLLECT, FILTER):
        done = command(*arguments)
        assert done.code == 0, done.err


def test_the_whole_chain_is_in_croissant(command: Callable[..., Any], recorded: None) -> None:
    done = command("data", "export", "kept", "--format", "croissant")
    assert done.code == 0, done.err
    dataset = croissant.read(done.out.encode())
    assert [(step.operation, step.by, step.claim) for step in dataset.steps] == [
        ("filter", "dora", "checked"),
        ("collect", "dora", "declared"),
    ]
    assert (dataset.licences, dataset.signer, dataset.rows) == (("CC-BY-4.0",), "dora", 1)
    assert dataset.derived_from == tuple(
        f"urn:modelward:dataset:{thing.digest}" for thing in dataset.steps[0].inputs
    )
    assert done.err == (
        "not known: description, url, creators, published\n"
        "help: declare it in a file: --declare FILE (docs/data/exchange.md)\n"
    )


@pytest.mark.parametrize("form", ["data-trust-alliance", "openlineage", "prov", "card"])
def test_every_format_tells_the_custody(command: Callable[..., Any], recorded: None, form: str) -> None:
    done = command("data", "export", "kept", "--format", form)
    assert done.code == 0, done.err
    assert "filter" in done.out
    assert "https://example.org/sms" in done.out
    if form == "openlineage":
        assert [json.loads(line)["job"]["name"] for line in done.out.splitlines()] == [
            "sms.collect",
            "kept.filter",
        ]


def test_what_is_declared_completes_it(command: Callable[..., Any], recorded: None, here: Path) -> None:
    (here / "more.toml").write_text(
        'description = "Spam and ham."\npublished = "2026-11-22"\nurl = "https://example.org"\n'
        'creators = [{name = "Example Ltd", kind = "Organization"}]\n'
        '[trust-alliance.provenance]\norigin-geography = [{country = "NL"}]\n'
    )
    for form in ("croissant", "data-trust-alliance"):
        done = command("data", "export", "kept", "--format", form, "--declare", "more.toml", "-o", "out.json")
        assert (done.code, done.out, done.err) == (0, "written to out.json\n", "")
    assert json.loads((here / "out.json").read_text())["source"]["issuer"] == [{"name": "Example Ltd"}]


def test_without_a_registry_the_index_tells(command: Callable[..., Any], here: Path) -> None:
    assert command("data", "snapshot", "raw.csv", "--name", "raw", "--out", "s.json").code == 0
    done = command("data", "export", "raw.csv", "--format", "card")
    assert done.code == 0, done.err
    assert "4 rows." in done.out
    assert done.err == "not in it: custody; no registry has any of this dataset\n"
    (here / "raw.csv").write_text("text,label\nother,ham\n")
    done = command("data", "export", "raw.csv", "--format", "card")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: raw.csv: the data is not what its index is of")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing", "--format", "card"],
        ["raw.csv", "--format", "card"],  # no index
        ["raw.csv", "--format", "card", "--declare", "none.toml"],
        ["raw.csv", "--format", "xml"],
    ],
)
def test_what_cannot_be_exported_is_said(
    command: Callable[..., Any], arguments: list[str], here: Path
) -> None:
    done = command("data", "export", *arguments, "-o", "out")
    assert done.code == 2
    assert "error: " in done.err.lower()
    assert not (here / "out").exists()


def test_a_dataset_that_nobody_recorded_is_not_exported(command: Callable[..., Any], registry: None) -> None:
    done = command("data", "export", "raw.csv", "--format", "card")
    assert done.code == 2
    assert "nothing is recorded" in done.err
