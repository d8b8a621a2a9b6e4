"""`modelward data prove`: proofs about rows, made from the index and checked offline."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelward.attest.bundle import Bundle
from modelward.core.digest import Digest
from modelward.data.index_file import open_index
from modelward.data.leaf_key import make, read
from modelward.data.options import Options
from modelward.data.snapshot import take

RAW = "text,label\nfree prize,spam\nhello,ham\nhello,ham\nsee you,ham\n"
ABSENT = str(Digest.sha256(b"no row"))


def masked(text: str) -> str:
    """Without digests."""
    return re.sub(r"sha256:[0-9a-f]{64}", "sha256:#", text)


@pytest.fixture
def ok(command: Callable[..., Any], registry: None, here: Path) -> Callable[..., Any]:
    """Runs what must succeed, where raw.csv has a signed snapshot."""

    def run(*arguments: object) -> Any:
        done = command(*arguments)
        assert done.code == 0, done.err
        return done

    run("data", "snapshot", "raw.csv", "--name", "sms-raw")
    return run


def row(number: int) -> str:
    with open_index(Path("raw.csv.index.parquet")) as index:
        return str(index.digest_at(number))


def test_a_row_is_proved_and_the_proof_checked_against_the_signed_snapshot(
    ok: Callable[..., Any], here: Path
) -> None:
    done = ok("data", "prove", "raw.csv", "--row", row(1), "-o", "p.json")
    assert done.out == f"row {row(1)} is in it, 2 times\n"
    assert done.err == f"proof written to p.json, {(here / 'p.json').stat().st_size} bytes\n"
    for gone in ("raw.csv", "raw.csv.index.parquet"):
        (here / gone).unlink()
    done = ok("data", "prove", "--check", "p.json")
    assert masked(done.out) == (
        "PROVED: row sha256:# is in it, 2 times\n"
        "  dataset    sms-raw (sha256:#)\n"
        "  root       of the snapshot of sms-raw signed by dora\n"
    )
    found = json.loads(ok("data", "prove", "--check", "p.json", "--json").out)
    assert (found["proved"], found["copies"], found["signedBy"]) == (True, 2, ["dora"])


def test_a_row_written_as_json_is_proved_or_proved_absent(ok: Callable[..., Any], here: Path) -> None:
    (here / "row.json").write_text('{"text": "see you", "label": "ham"}')
    assert ok("data", "prove", "raw.csv", "--row-json", "row.json").err == f"row {row(3)} is in it, once\n"
    (here / "row.json").write_text('{"text": "see me", "label": "ham"}')
    ok("data", "prove", "raw.csv", "--row-json", "row.json", "-o", "p.json")
    done = ok("data", "prove", "--check", "p.json")
    assert masked(done.out).startswith("PROVED: row sha256:# is not in it\n")


def test_a_row_with_keyed_cells_is_proved_with_the_key(
    command: Callable[..., Any], ok: Callable[..., Any], here: Path
) -> None:
    make(here / "leaf.key")
    make(here / "other.key")
    options = Options(keyed=("text",), key=read(here / "leaf.key"))
    take(here / "raw.csv", "sms", options).write(here / "keyed.index.parquet")
    (here / "row.json").write_text('{"text": "see you", "label": "ham"}')
    what = ("data", "prove", "keyed.index.parquet", "--row-json", "row.json")
    assert ok(*what, "--leaf-key", "leaf.key").err.endswith(" is in it, once\n")
    for given in ((), ("--leaf-key", "other.key")):
        done = command(*what, *given)
        assert (done.code, done.out) == (2, "")


def test_a_place_is_proved_by_shard_and_row(ok: Callable[..., Any]) -> None:
    done = ok("data", "prove", "raw.csv", "--at", "raw.csv:4", "-o", "p.json")
    assert done.out == f"row {row(3)} is number 4 of its 4 rows\n"
    assert "  place      raw.csv row 4\n" in ok("data", "prove", "--check", "p.json", "--row", row(3)).out


def test_growth_is_proved_and_a_changed_past_refused(
    command: Callable[..., Any], ok: Callable[..., Any], here: Path
) -> None:
    (here / "more.csv").write_text(RAW + "bye,ham\n")
    ok("data", "snapshot", "more.csv", "--name", "sms-more")
    ok("data", "prove", "more.csv", "--extends", "raw.csv", "-o", "p.json")
    done = ok("data", "prove", "--check", "p.json")
    assert masked(done.out) == (
        "PROVED: its 5 rows begin with the 4 of sha256:#\n"
        "  dataset    sms-more (sha256:#)\n"
        "  root       of the snapshot of sms-more signed by dora\n"
        "  root       of the snapshot of sms-raw signed by dora\n"
    )
    (here / "more.csv").write_text(RAW.replace("prize", "money") + "bye,ham\n")
    ok("data", "snapshot", "more.csv", "--name", "sms-more")
    done = command("data", "prove", "more.csv", "--extends", "raw.csv")
    assert (done.code, done.out) == (1, "")
    assert re.match(
        r"error: more.csv: more.csv row 1 \(sha256:\S+\) is not the row that was there\nhelp: ", done.err
    )


def test_an_unsigned_root_proves_nothing(command: Callable[..., Any], ok: Callable[..., Any]) -> None:
    ok("data", "snapshot", "clean.csv", "--name", "other", "--out", "s.json")
    ok("data", "prove", "clean.csv", "--row", row(0), "-o", "p.json")
    done = command("data", "prove", "--check", "p.json")
    assert (done.code, done.out) == (1, "")
    assert "error: p.json: no signed snapshot has this root: sha256:" in done.err


def test_without_a_registry_a_proof_says_only_what_it_claims(
    command: Callable[..., Any], ok: Callable[..., Any], here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ok("data", "prove", "raw.csv", "--row", ABSENT, "-o", "p.json")
    (here / "away").mkdir()
    shutil.copy(here / "p.json", here / "away")
    monkeypatch.chdir(here / "away")
    monkeypatch.delenv("MODELWARD_REGISTRY", raising=False)
    done = command("data", "prove", "--check", "p.json")
    assert done.code == 2
    assert masked(done.out) == ("not known: row sha256:# is not in it, if sha256:# is the root of sha256:#\n")
    assert done.err == (
        "nobody is named who signed the root: anybody can make one\n"
        "help: pass --registry DIR, or --statement BUNDLE --key PUBLIC_KEY\n"
    )


def test_a_signed_statement_and_a_public_key_suffice(
    command: Callable[..., Any], ok: Callable[..., Any], here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ok("data", "prove", "raw.csv", "--row", row(0), "-o", "p.json")
    files = (here / "acme" / "statements").rglob("*.json")
    bundles = [path for path in files if Bundle.from_bytes(path.read_bytes()).statement.name == "raw.csv"]
    monkeypatch.delenv("MODELWARD_REGISTRY", raising=False)
    done = ok("data", "prove", "--check", "p.json", "--statement", bundles[0], "--key", "dora")
    assert "PROVED: row " in done.out
    ok("key", "new", "eve", "--no-passphrase")
    done = command("data", "prove", "--check", "p.json", "--statement", bundles[0], "--key", "eve")
    assert (done.code, done.out) == (1, "")


def test_a_forged_proof_is_refused(command: Callable[..., Any], ok: Callable[..., Any], here: Path) -> None:
    ok("data", "prove", "raw.csv", "--row", row(0), "-o", "p.json")
    value = json.loads((here / "p.json").read_bytes())
    for forged, problem in (
        (value | {"copies": 3}, "error: p.json: inclusion proof: "),
        (value | {"row": row(1)}, "error: p.json: inclusion proof: "),
        (value | {"subject": ABSENT}, "error: p.json: no signed snapshot has this root"),
    ):
        (here / "p.json").write_text(json.dumps(forged))
        done = command("data", "prove", "--check", "p.json")
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith(problem)
    (here / "p.json").write_text(json.dumps(value))
    done = command("data", "prove", "--check", "p.json", "--row", row(1))
    assert (done.code, "the proof is not about row sha256:" in done.err) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["raw.csv"], "error: what is to be proved?\n"),
        (["raw.csv", "--row", ABSENT, "--at", "raw.csv:1"], "error: what is to be proved?\n"),
        (["--check", "p.json", "raw.csv"], "error: to check a proof, give --check FILE"),
        (["raw.csv", "--at", "raw.csv"], "error: not a place: 'raw.csv'\n"),
        (["raw.csv", "--at", "raw.csv:5"], "error: raw.csv: there is no row 5: it has 4\n"),
        (["raw.csv", "--row", "dirHash:" + "0" * 64], "error: dirHash:"),
        (["--check", "raw.csv"], "error: raw.csv: the proof is not valid JSON"),
        (["--check", "none.json"], "error: none.json: cannot read"),
    ],
)
def test_what_cannot_be_asked_is_said(
    command: Callable[..., Any], ok: Callable[..., Any], arguments: list[str], problem: str
) -> None:
    done = command("data", "prove", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(problem), done.err
