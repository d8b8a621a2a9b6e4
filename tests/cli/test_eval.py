"""`modelward eval`, against a real registry."""

from __future__ import annotations

import json

import pytest
from tests.cli.pipeline_workshop import Bench

from modelward.artifact.hashing import digest_of
from modelward.attest.predicates import Evaluation
from modelward.cli.publish import open_registry


@pytest.fixture
def bench(command, tmp_path, monkeypatch) -> Bench:
    monkeypatch.chdir(tmp_path)
    made = Bench(command, tmp_path)
    made.set_up()
    assert made.train().code == 0
    (tmp_path / "harness.py").write_text("print()\n")
    (tmp_path / "metrics.json").write_text('{"f1": 0.93, "accuracy": 0.97}')
    return made


def evaluate(bench: Bench, model: str = "model", data: str = "test.csv", *options: object):
    given = ["--data", data, "--harness", "harness.py", "--metrics", "metrics.json", *options]
    return bench.command("eval", model, *given)


def published(path: str) -> list[Evaluation]:
    with open_registry() as registry:
        found = registry.statements_about(digest_of(path))
    return [v.statement.typed(Evaluation) for v in found if v.statement.predicate_type == Evaluation.TYPE]


def test_evaluation_is_published(bench: Bench) -> None:
    done = evaluate(bench)
    assert done.code == 0, done.err
    assert "  f1        0.93\n" in done.out
    assert "not enforced: the harness was not run here" in done.err
    (evaluation,) = published("model")
    assert evaluation.data.digest == str(digest_of("test.csv"))


def test_registered_version_is_found_by_name(bench: Bench) -> None:
    bench.ok("push", "model", "--model", "fraud-scorer")
    answer = json.loads(evaluate(bench, "fraud-scorer@1", "test.csv", "--json").out)
    assert answer["model"] == str(digest_of("model"))
    assert answer["metrics"] == {"accuracy": 0.97, "f1": 0.93}
    assert answer["provenanceKnown"] is True


def test_training_data_is_refused(bench: Bench) -> None:
    done = evaluate(bench, data="train.csv")
    assert done.code == 1
    assert "took part in training" in done.err
    assert published("model") == []


def test_data_without_custody_is_refused(bench: Bench) -> None:
    done = evaluate(bench, data="harness.py")
    assert done.code == 1
    assert "nothing is known about harness.py" in done.err


def test_model_of_unknown_origin_is_said_to_be(bench: Bench) -> None:
    (bench.place / "model" / "weights.npz").write_text("swapped")
    assert "nothing tells what the model was trained on" in evaluate(bench).err


@pytest.mark.parametrize("model", ["nothing", "fraud@x", "fraud@", "fraud@1234567890123"])
def test_model_that_is_neither_path_nor_version(bench: Bench, model: str) -> None:
    done = evaluate(bench, model)
    assert done.code == 2
    assert "not NAME@VERSION" in done.err


def test_bad_metrics_are_named(bench: Bench) -> None:
    (bench.place / "metrics.json").write_text('{"f1": NaN}')
    done = evaluate(bench)
    assert done.code == 2
    assert "metrics.json" in done.err
