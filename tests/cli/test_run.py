"""`modelward run`, against a real registry."""

from __future__ import annotations

import json
import sys

import pytest
from tests.cli.pipeline_workshop import TRAINING, Bench

from modelward.artifact.hashing import digest_of
from modelward.attest.keys.file import generate, write_key
from modelward.attest.predicates import Provenance
from modelward.cli.home import Home
from modelward.cli.publish import open_registry


@pytest.fixture
def bench(command, tmp_path, monkeypatch) -> Bench:
    monkeypatch.chdir(tmp_path)
    made = Bench(command, tmp_path)
    made.set_up()
    return made


def published(path: str) -> list[Provenance]:
    with open_registry() as registry:
        found = registry.statements_about(digest_of(path))
    return [v.statement.typed(Provenance) for v in found if v.statement.predicate_type == Provenance.TYPE]


def test_step_publishes_provenance(bench: Bench) -> None:
    done = bench.train()
    assert done.code == 0, done.err
    assert f"output  model  {digest_of('model')}" in done.err
    assert "not enforced: no sandbox" in done.err
    (provenance,) = published("model")
    assert provenance.build_definition.external_parameters["command"] == TRAINING


def test_json_is_the_only_thing_on_stdout(bench: Bench) -> None:
    done = bench.train("--json")
    answer = json.loads(done.out)
    assert answer["outputs"][0]["digest"] == str(digest_of("model"))
    assert answer["inputs"][0]["origin"] == "snapshot+custody"
    assert (answer["exitCode"], answer["enforced"]) == (0, False)


def test_output_of_the_step_is_an_input_of_the_next(bench: Bench) -> None:
    bench.train()
    script = "import os; os.mkdir('tuned'); open('tuned/w', 'w').write('t')"
    step = ["run", "tune", "--in", "base=model", "--out", "tuned=tuned", "--", sys.executable, "-c", script]
    assert "base  dirHash:" in bench.ok(*step).err


def test_changed_row_is_refused_and_named(bench: Bench) -> None:
    (bench.place / "train.csv").write_text("text,label\nhello,1\nwin,1\n")
    done = bench.train()
    assert done.code == 1
    assert "train.csv is not what was recorded: it changed after snapshot" in done.err
    assert "of dataset train by alice" in done.err
    assert not (bench.place / "model").exists()


def test_exit_code_of_the_command_is_ours_and_nothing_is_signed(bench: Bench) -> None:
    script = "import os; os.mkdir('model'); open('model/w', 'w').write('x'); raise SystemExit(9)"
    done = bench.train(command=[sys.executable, "-c", script])
    assert done.code == 9
    assert "step train failed with exit code 9; nothing was signed" in done.err
    assert published("model") == []


def test_failed_overwrite_says_where_the_earlier_output_is(bench: Bench) -> None:
    bench.train()
    done = bench.train("--overwrite", command=[sys.executable, "-c", "raise SystemExit(2)"])
    assert done.code == 2
    assert "the earlier output is kept at model.before-" in done.err


def test_key_that_may_not_sign_is_noticed_before_the_training(bench: Bench) -> None:
    path = Home.open().key_path("mallory")
    write_key(path, generate(), None)
    done = bench.train("--key", f"file:{path}")
    assert done.code == 1
    assert not (bench.place / "model").exists()


@pytest.mark.parametrize("pair", ["data", "=train.csv", "data="])
def test_pair_without_name_or_path_is_a_mistake(bench: Bench, pair: str) -> None:
    done = bench.command("run", "train", "--in", pair, "--out", "model=model", "--", "true")
    assert done.code == 2
    assert "is not NAME=PATH" in done.err


def test_same_name_twice_is_a_mistake(bench: Bench) -> None:
    done = bench.train("--in", "data=test.csv")
    assert done.code == 2
    assert "--in data is given twice" in done.err


def test_options_of_the_command_are_not_ours(bench: Bench) -> None:
    script = "import os, sys; os.mkdir('model'); open('model/w', 'w').write(str(sys.argv[1:]))"
    bench.train(command=[sys.executable, "-c", script, "--json", "--in", "x=y", "--help"])
    assert (bench.place / "model" / "w").read_text() == "['--json', '--in', 'x=y', '--help']"
