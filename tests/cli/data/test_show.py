"""`modelward data show`: a dataset back to its collection."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

RAW = "text,label\nfree prize,spam\nhello,ham\nhello,ham\nsee you,ham\n"
CLEAN = "text,label\nhello,ham\nhello,ham\nsee you,ham\n"


def masked(text: str) -> str:
    """Without what differs from run to run."""
    text = re.sub(r"(sha256|dirHash):[0-9a-f]{64}", r"\1:#", text)
    return re.sub(r"(sha256|dirHash):[0-9a-f]{4}…[0-9a-f]{4}", r"\1:#…#", text)


@pytest.fixture
def recorded(command: Callable[..., Any], registry: None, here: Path) -> Callable[..., Any]:
    """sms-raw was collected, sms-clean filtered from it."""

    def ok(*arguments: object) -> Any:
        done = command(*arguments)
        assert done.code == 0, done.err
        return done

    (here / "clean.csv").write_text(CLEAN)
    (here / "clean.py").write_text("pass\n")
    ok(
        "data", "custody", "--operation", "collect", "--out", "raw.csv", "--name", "sms-raw",
        "--source", "https://example.org/sms", "--channel", "crawl", "--licence", "CC-BY-4.0",
    )  # fmt: skip
    ok(
        "data", "custody", "--operation", "filter", "--in", "raw.csv", "--out", "clean.csv",
        "--name", "sms-clean", "--tool", "clean.py", "--notes", "no prizes",
    )  # fmt: skip
    return ok


def test_chain_is_shown_back_to_the_collection(recorded: Callable[..., Any]) -> None:
    done = recorded("data", "show", "sms-clean")
    assert masked(done.out) == (
        "sms-clean  sha256:#\n"
        "  snapshot    attested  3 rows in 1 shard; signed by dora (data-steward, trainer), log entry 3, "
        "statement sha256:#…#\n"
        "  filter      checked   4 rows in, 3 out, 1 dropped; from sms-raw\n"
        "              declared  notes: no prizes\n"
        "              declared  tool: clean.py (sha256:#…#)\n"
        "              attested  signed by dora (data-steward), log entry 4, statement sha256:#…#\n"
        "sms-raw  sha256:#\n"
        "  snapshot    attested  4 rows in 1 shard; signed by dora (data-steward, trainer), log entry 1, "
        "statement sha256:#…#\n"
        "  collect     declared  4 rows\n"
        "              declared  licence: CC-BY-4.0\n"
        "              declared  source: https://example.org/sms (channel crawl)\n"
        "              attested  signed by dora (data-steward), log entry 2, statement sha256:#…#\n"
        "result: complete, back to 1 collection\n"
    )
    assert recorded("data", "show", "clean.csv").out == done.out


def test_input_without_custody_is_missing(command: Callable[..., Any], recorded: Any, here: Path) -> None:
    (here / "more.csv").write_text("text,label\nbye,ham\n")
    (here / "all.csv").write_text(CLEAN + "bye,ham\n")
    recorded(
        "data", "custody", "--operation", "merge", "--in", "clean.csv", "--in", "more.csv",
        "--out", "all.csv", "--name", "sms-all",
    )  # fmt: skip
    done = command("data", "show", "sms-all")
    assert done.code == 1
    assert (
        "more.csv  sha256:#\n"
        "              MISSING   no snapshot that counts\n"
        "              MISSING   nothing says where it came from: no custody that counts\n"
        "sms-raw  sha256:#\n"
    ) in masked(done.out)
    assert done.out.endswith(
        "result: NOT complete\n"
        "  more.csv: no snapshot that counts\n"
        "  more.csv: nothing says where it came from: no custody that counts\n"
    )


def test_superseded_and_revoked_statements_are_shown_and_do_not_count(
    command: Callable[..., Any], recorded: Callable[..., Any]
) -> None:
    shown = json.loads(recorded("data", "show", "sms-raw", "--json").out)
    former = shown["datasets"][0]["steps"][0]["statement"]
    recorded(
        "data", "custody", "--operation", "collect", "--out", "raw.csv", "--name", "sms-raw",
        "--source", "https://example.org/other", "--supersedes", former,
    )  # fmt: skip
    done = recorded("data", "show", "sms-raw")
    assert "source: https://example.org/other\n" in done.out
    assert re.search(
        r"  collect     REFUSED   superseded by sha256:\S+ of dora; signed by dora \(data-steward\), ",
        done.out,
    )
    newer = json.loads(recorded("data", "show", "sms-raw", "--json").out)["datasets"][0]["steps"][0]
    recorded("revoke", "statement", newer["statement"], "--reason", "a mistake")
    done = recorded("data", "show", "sms-raw")  # who replaced it is gone: the former counts again
    assert "source: https://example.org/sms (channel crawl)\n" in done.out
    assert "  collect     REFUSED   the statement was revoked by sha256:" in done.out
    recorded("revoke", "statement", former, "--reason", "a mistake too")
    assert command("data", "show", "sms-raw").code == 1
    assert json.loads(command("data", "show", "sms-raw", "--json").out)["complete"] is False


def test_revoked_dataset_breaks_the_chain_of_what_was_made_from_it(
    command: Callable[..., Any], recorded: Callable[..., Any]
) -> None:
    raw = json.loads(recorded("data", "show", "sms-raw", "--json").out)["datasets"][0]["digest"]
    recorded("revoke", "artifact", raw, "--reason", "poisoned\x1b[2J")
    done = command("data", "show", "sms-clean")
    assert done.code == 1
    assert done.out.endswith("result: NOT complete\n  sms-raw: revoked: poisoned\\x1b[2J\n")


def test_what_nobody_recorded_could_not_be_told(command: Callable[..., Any], registry: None) -> None:
    done = command("data", "show", "sms-none")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error: sms-none: no dataset has this name, and no file lies there\n"
        "help: name a dataset, its path or its digest; modelward data snapshot records one\n"
    )
    assert command("data", "show", "raw.csv").err.startswith("error: raw.csv: nothing is recorded about it\n")
