"""`modelward run`, against a real registry."""

from __future__ import annotations

import json
import sys

import pytest
from tests.cli.pipeline_workshop import TRAINING, Bench

from modelward.artifact.hashing import digest_of
from modelward.attest.keys.file import generate, write_key
from modelward.attest.predicates import Failure, Provenance
from modelward.cli.home import Home
from modelward.cli.publish import open_registry
from modelward.pipeline.sandbox import facilities


@pytest.fixture
def bench(command, tmp_path, monkeypatch) -> Bench:
    monkeypatch.chdir(tmp_path)
    made = Bench(command, tmp_path)
    made.set_up()
    return made


@pytest.fixture
def confining() -> None:
    found = facilities.probe()
    if not found.enforcing:
        pytest.skip(f"skipped: needs a kernel that confines ({found.missing})")


def published(path: str) -> list[Provenance]:
    with open_registry() as registry:
        found = registry.statements_about(digest_of(path))
    return [v.statement.typed(Provenance) for v in found if v.statement.predicate_type == Provenance.TYPE]


def test_step_publishes_provenance(bench: Bench) -> None:
    done = bench.train("--sandbox", "none")
    assert done.code == 0, done.err
    assert f"output  model  {digest_of('model')}" in done.err
    assert "not enforced: no sandbox" in done.err
    (provenance,) = published("model")
    assert provenance.build_definition.external_parameters["command"] == TRAINING


def test_json_is_the_only_thing_on_stdout(bench: Bench) -> None:
    done = bench.train("--json", "--sandbox", "none")
    answer = json.loads(done.out)
    assert answer["outputs"][0]["digest"] == str(digest_of("model"))
    assert answer["inputs"][0]["origin"] == "snapshot+custody"
    assert (answer["exitCode"], answer["enforced"]) == (0, False)


def test_step_is_confined_where_the_kernel_can(bench: Bench, confining: None) -> None:
    done = bench.train()
    assert done.code == 0, done.err
    assert "enforced: declared inputs, code and the base set are all it could read" in done.err
    (provenance,) = published("model")
    internal = provenance.build_definition.internal_parameters
    assert internal["grade"] == "enforced"
    assert internal["confinement"]["network"] == "closed"
    assert internal["observed"]["opened"]["input:data"] == 1
    assert "base" in [material.name for material in provenance.build_definition.resolved_dependencies]


def test_undeclared_read_fails_the_step_and_names_the_path(bench: Bench, confining: None) -> None:
    script = "import os; os.mkdir('model'); open('test.csv').read()"
    done = bench.train(command=[sys.executable, "-c", script])
    assert done.code == 1
    assert f"refused  {bench.place / 'test.csv'}: not declared" in done.err


def test_failed_step_leaves_a_signed_failure(bench: Bench) -> None:
    done = bench.train("--json", "--env", "EPOCHS=3", command=[sys.executable, "-c", "raise SystemExit(3)"])
    answer = json.loads(done.out)
    assert (done.code, answer["outputs"]) == (3, [])
    with open_registry() as registry:
        (failure,) = [
            verified.statement.typed(Failure)
            for verified in registry.statements_named("train")
            if verified.statement.predicate_type == Failure.TYPE
        ]
    assert (failure.exit_code, failure.reason) == (3, "exit-code")


def test_key_and_registry_are_out_of_reach(bench: Bench, confining: None) -> None:
    key = next(Home.open().keys_directory.glob("*.pem"))
    database = next((bench.place / "registry").rglob("*.db*"))
    for secret in (key, database):
        script = f"open({str(secret)!r}).read()"
        done = bench.train(command=[sys.executable, "-c", script])
        assert done.code == 1
        assert f"refused  {secret}: not declared" in done.err


def test_secret_is_passed_and_never_recorded(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "correct-horse-battery")
    script = "import os; os.mkdir('model'); open('model/w', 'w').write(str(len(os.environ['TOKEN'])))"
    done = bench.train("--secret", "TOKEN", command=[sys.executable, "-c", script])
    assert done.code == 0, done.err
    assert (bench.place / "model" / "w").read_text() == "21"
    for path in (bench.place / "registry").rglob("*"):
        assert not path.is_file() or b"correct-horse-battery" not in path.read_bytes()


def test_undeclared_writes_are_thrown_away_and_named(bench: Bench, confining: None) -> None:
    script = "import os; os.mkdir('model'); open('model/w', 'w').write('w'); open('notes.txt', 'w')"
    done = bench.train(command=[sys.executable, "-c", script])
    assert f"thrown away: {bench.place / 'notes.txt'} (not a declared output)" in done.err
    assert not (bench.place / "notes.txt").exists()


def test_destination_must_be_a_host_and_a_port(bench: Bench) -> None:
    done = bench.train("--allow-net", "hub.example")
    assert (done.code, "is not HOST:PORT" in done.err) == (2, True)


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


def test_exit_code_of_the_command_is_ours_and_no_output_is_signed(bench: Bench) -> None:
    script = "import os; os.mkdir('model'); open('model/w', 'w').write('x'); raise SystemExit(9)"
    done = bench.train(command=[sys.executable, "-c", script])
    assert done.code == 9
    assert "step train failed with exit code 9; no output was signed" in done.err
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
