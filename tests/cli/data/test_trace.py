"""`modelward data trace`: the day a contributor turns out to be hostile."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.company import Company
from tests.cli.conftest import Done, run_plainly

from modelward.data.index_file import open_index

RAW = (
    "text,user,site\nfree prize,mallory,https://a.example\nhello,anna,https://b.example\n"
    "act now,mallory,https://a.example\nsee you,bert,https://b.example\n"
)
CLEAN = RAW.replace("free prize,mallory,https://a.example\n", "")
GOOD = CLEAN.replace("act now,mallory,https://a.example\n", "")
TRAIN = """
import os, sys
os.mkdir(sys.argv[2])
with open(os.path.join(sys.argv[2], "w"), "w") as stream:
    stream.write(open(sys.argv[1]).read()[::-1])
"""


def masked(text: str) -> str:
    """Without digests."""
    return re.sub(r"(sha256|dirHash):[0-9a-f]{4}…[0-9a-f]{4}", r"\1:#", text)


def record(company: Company) -> None:
    """raw.csv is collected, clean.csv and good.csv filtered from it, a model trained on each of the two."""
    company.join("dana", ("data-steward",))
    company.join("tim", ("trainer",))
    for name, text in (("raw", RAW), ("clean", CLEAN), ("good", GOOD)):
        (company.place / f"{name}.csv").write_text(text)
    registry = ("--registry", "registry")
    company.ok(
        "dana", "data", "custody", "--operation", "collect", "--out", "raw.csv", "--name", "sms-raw",
        "--source", "https://forum.example", "--licence", "CC-BY-4.0", *registry,
    )  # fmt: skip
    columns = ("--contributor-column", "user", "--source-column", "site")
    company.ok("dana", "data", "snapshot", "raw.csv", "--name", "sms-raw", *columns, *registry)
    for name in ("clean", "good"):
        company.ok(
            "dana", "data", "custody", "--operation", "filter", "--in", "raw.csv", "--out", f"{name}.csv",
            "--name", f"sms-{name}", *registry,
        )  # fmt: skip
        company.ok(
            "tim", "run", "train", "--in", f"data={name}.csv", "--out", f"model={name}-model", *registry,
            "--", sys.executable, "-c", TRAIN, f"{name}.csv", f"{name}-model",
        )  # fmt: skip
        company.ok("alice", "push", f"{name}-model", "--model", name, *registry)
    company.ok("alice", "promote", "clean@1", "--to", "dev", *registry)


@pytest.fixture(scope="module")
def recorded(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("traced") / "company"
    shutil.copytree(founded, place)
    with contextlib.chdir(place):
        record(Company(place, run_plainly))
    return place


@pytest.fixture
def traced(
    recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Callable[..., Done]
) -> Company:
    """The company with the records and files of `record`, in the working directory."""
    place = tmp_path / "company"
    shutil.copytree(recorded, place)
    monkeypatch.chdir(place)
    return Company(place, command)


def test_models_that_used_the_rows_of_a_hostile_contributor_are_named(traced: Company) -> None:
    done = traced.ok("olga", "data", "trace", "contributor:mallory", "--registry", "registry")
    assert masked(done.out) == (
        "contributor mallory: 2 different rows in the indexes at hand\n"
        "datasets\n"
        "  holds         sms-raw (sha256:#)  2 of 4 rows, first raw.csv row 1\n"
        "  holds         sms-clean (sha256:#)  1 of 3 rows, first clean.csv row 2\n"
        "collected\n"
        "  declared      sms-raw: collect by dana: https://forum.example; licence CC-BY-4.0\n"
        "runs\n"
        "  used          train by tim: sms-clean -> clean@1 (dirHash:#)\n"
        "models\n"
        "  used          clean@1 by alice: now in dev\n"
    )
    found = json.loads(
        traced.ok("olga", "data", "trace", "source:https://a.example", "--registry", "registry", "--json").out
    )
    assert [model["model"] for model in found["models"]] == ["clean"]
    assert found["notExamined"] == []


def test_one_row_is_traced_by_its_digest(traced: Company) -> None:
    with open_index(Path("raw.csv.index.parquet")) as index:
        dropped, kept = index.digest_at(0), index.digest_at(2)
    done = traced.ok("olga", "data", "trace", str(kept), "--registry", "registry")
    assert "  used          clean@1 by alice: now in dev\n" in done.out
    done = traced.ok("olga", "data", "trace", str(dropped), "--registry", "registry")
    assert "models" not in done.out
    assert masked(done.out).endswith(
        "  holds         sms-raw (sha256:#)  1 of 4 rows, first raw.csv row 1\n"
        "collected\n"
        "  declared      sms-raw: collect by dana: https://forum.example; licence CC-BY-4.0\n"
    )


def test_a_snapshot_without_an_index_at_hand_may_hold_them(traced: Company) -> None:
    Path("good.csv.index.parquet").unlink()
    done = traced.ok("olga", "data", "trace", "contributor:mallory", "--registry", "registry")
    line = (
        "  may hold      sms-good (sha256:#)  its index is not at hand; filter of sms-raw (checked, by dana)"
    )
    assert f"{line}\n" in masked(done.out)
    assert "  may have used train by tim: sms-good -> good@1 (dirHash:#)\n" in masked(done.out)
    assert "  may have used good@1 by alice: in no stage\n" in done.out
    assert masked(done.out).endswith(
        "not examined: the indexes of 1 snapshot are not at hand (--indexes DIR)\n  sms-good (sha256:#)\n"
    )


def test_what_nothing_holds_is_no_and_what_was_not_examined_is_not_known(
    traced: Company, tmp_path: Path
) -> None:
    done = traced("olga", "data", "trace", "contributor:nobody", "--registry", "registry")
    assert (done.code, done.out) == (1, "contributor nobody: no snapshot that was examined holds it\n")
    (tmp_path / "empty").mkdir()
    done = traced(
        "olga",
        "data",
        "trace",
        "contributor:mallory",
        "--registry",
        "registry",
        "--indexes",
        tmp_path / "empty",
    )
    assert done.code == 2
    assert done.out.startswith(
        "contributor mallory: no snapshot that was examined holds it\n"
        "not examined: the indexes of 3 snapshots are not at hand (--indexes DIR)\n"
    )


def test_an_index_that_nobody_signed_is_not_believed(traced: Company) -> None:
    Path("good.csv").write_text(GOOD)
    traced.ok(
        "olga", "data", "snapshot", "good.csv", "--name", "x", "--out", "s.json",
        "--contributor-column", "text",
    )  # fmt: skip
    done = traced("olga", "data", "trace", "contributor:hello", "--registry", "registry")
    assert done.code == 2
    assert "sms-good" in done.out


def test_a_dataset_is_traced_to_all_that_was_made_from_it(traced: Company) -> None:
    done = traced.ok("olga", "data", "trace", "sms-raw", "--registry", "registry")
    assert masked(done.out) == (
        "dataset sms-raw\n"
        "datasets\n"
        "  itself        sms-raw (sha256:#)\n"
        "  from it       sms-clean (sha256:#)  filter of sms-raw (checked, by dana)\n"
        "  from it       sms-good (sha256:#)  filter of sms-raw (checked, by dana)\n"
        "collected\n"
        "  declared      sms-raw: collect by dana: https://forum.example; licence CC-BY-4.0\n"
        "runs\n"
        "  used          train by tim: sms-clean -> clean@1 (dirHash:#)\n"
        "  used          train by tim: sms-good -> good@1 (dirHash:#)\n"
        "models\n"
        "  used          clean@1 by alice: now in dev\n"
        "  used          good@1 by alice: in no stage\n"
    )


def test_a_source_that_was_only_declared_is_all_rows_collected_from_it(traced: Company) -> None:
    what = ("data", "trace", "source:https://forum.example", "--registry", "registry")
    done = traced.ok("olga", *what)
    assert "  holds         sms-raw (sha256:#)  all of it, declared by dana; 4 of 4 rows" in masked(done.out)
    assert "  holds         sms-good (sha256:#)  2 of 2 rows, first good.csv row 1\n" in masked(done.out)
    # Which rows these are is not known without the index: what was filtered from them may hold some.
    Path("raw.csv.index.parquet").unlink()
    done = traced.ok("olga", *what)
    assert "  holds         sms-raw (sha256:#)  all of it, declared by dana\n" in masked(done.out)
    assert "  may hold      sms-good (sha256:#)  filter of sms-raw (checked, by dana)\n" in masked(done.out)
    assert "  may have used good@1 by alice: in no stage\n" in done.out


def test_a_record_that_was_superseded_still_leads_to_the_model(traced: Company) -> None:
    shown = json.loads(traced.ok("olga", "data", "show", "sms-clean", "--registry", "registry", "--json").out)
    traced.ok(
        "dana", "data", "custody", "--operation", "collect", "--out", "clean.csv", "--name", "sms-clean",
        "--source", "https://innocent.example", "--registry", "registry",
        "--supersedes", shown["datasets"][0]["steps"][0]["statement"],
    )  # fmt: skip
    done = traced.ok("olga", "data", "trace", "sms-raw", "--registry", "registry")
    assert re.search(
        r"filter of sms-raw \(checked, by dana \[REFUSED: superseded by sha256:\S+ of dana\]\)", done.out
    )
    assert "  used          clean@1 by alice: now in dev\n" in done.out


def test_text_that_would_forge_lines_is_escaped(traced: Company) -> None:
    done = traced("olga", "data", "trace", "contributor:x\nmodels\x1b[2J", "--registry", "registry")
    assert done.out == "contributor x\\nmodels\\x1b[2J: no snapshot that was examined holds it\n"


@pytest.mark.parametrize("what", ["sms-none", "dirHash:" + "0" * 64, "row:none"])
def test_what_is_not_recorded_could_not_be_told(traced: Company, what: str) -> None:
    done = traced("olga", "data", "trace", what, "--registry", "registry")
    assert (done.code, done.out) == (2, "")
