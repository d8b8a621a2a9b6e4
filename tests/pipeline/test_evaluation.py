"""Evaluations bind what was measured; data that took part in training is refused."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pipeline.conftest import Workshop

from modelward.artifact.hashing import digest_of
from modelward.attest.predicates import Evaluation
from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded, ModelwardError, Rejected
from modelward.pipeline.evaluation import EvaluationResult, evaluate, parse_metrics


@dataclass
class Bench:
    """A trained model, held-out data with snapshot and custody, a harness and its metrics."""

    workshop: Workshop

    @property
    def test(self) -> Path:
        return self.workshop.place / "test.csv"

    def evaluate(self, data: Path | None = None, **options: Any) -> EvaluationResult:
        place = self.workshop.place
        model = ("model", digest_of(self.workshop.model))
        return evaluate(
            model,
            data or self.test,
            place / "harness.py",
            place / "metrics.json",
            self.workshop.ledger,
            **options,
        )


@pytest.fixture
def bench(workshop: Workshop) -> Bench:
    workshop.ledger.say("tom", workshop.run().statements[0])
    (workshop.place / "test.csv").write_text("text,label\nother,0\n")
    workshop.ledger.data(workshop.place / "test.csv", "spam-test")
    (workshop.place / "harness.py").write_text("print('measured')\n")
    (workshop.place / "metrics.json").write_text('{"accuracy": 0.97, "f1": 1}')
    return Bench(workshop)


def test_evaluation_binds_model_data_harness_and_report(bench: Bench) -> None:
    result = bench.evaluate(notes="held out")
    evaluation = result.statement.typed(Evaluation)
    assert result.statement.subject == digest_of(bench.workshop.model)
    assert (evaluation.data.name, evaluation.data.digest) == ("test.csv", str(digest_of(bench.test)))
    assert evaluation.harness.digest == str(digest_of("harness.py"))
    assert evaluation.report == str(digest_of("metrics.json"))
    assert evaluation.metrics == {"accuracy": 0.97, "f1": 1.0}
    assert result.provenance_known


def test_report_of_its_own_is_bound(bench: Bench) -> None:
    report = bench.workshop.place / "report.html"
    report.write_text("<p>fine")
    evaluation = bench.evaluate(report=report).statement.typed(Evaluation)
    assert evaluation.report == str(digest_of(report))


def test_mistaken_run_is_superseded_by_name(bench: Bench) -> None:
    former = Digest.sha256(b"former")
    assert bench.evaluate(supersedes=[former]).statement.typed(Evaluation).supersedes == (str(former),)


def test_data_without_custody_is_refused(bench: Bench) -> None:
    other = bench.workshop.place / "other.csv"
    other.write_text("text,label\nx,0\n")
    with pytest.raises(Rejected, match=r"input data: nothing is known about other\.csv"):
        bench.evaluate(other)
    bench.workshop.ledger.snapshot(other)
    with pytest.raises(Rejected, match="no custody statement"):
        bench.evaluate(other)


def test_training_data_is_refused(bench: Bench) -> None:
    with pytest.raises(Rejected, match="took part in training"):
        bench.evaluate(bench.workshop.data)


def test_training_data_of_an_earlier_step_is_refused(bench: Bench) -> None:
    workshop = bench.workshop
    tuned = workshop.place / "tuned"
    command = workshop.script("import os; os.mkdir('tuned'); open('tuned/w', 'w').write('t')")
    result = workshop.run(command, {"base": workshop.model}, {"tuned": tuned})
    workshop.ledger.say("tom", result.statements[0])
    with pytest.raises(Rejected, match="took part in training"):
        evaluate(
            ("tuned", digest_of(tuned)),
            workshop.data,
            Path("harness.py"),
            Path("metrics.json"),
            workshop.ledger,
        )


def test_whole_from_which_the_training_rows_were_taken_is_refused(bench: Bench) -> None:
    whole = bench.workshop.place / "whole.csv"
    whole.write_text("text,label\nhello,0\nwin,1\nother,0\n")
    bench.workshop.ledger.data(whole, "whole")
    bench.workshop.ledger.custody(bench.workshop.data, operation="split", inputs=[whole])
    with pytest.raises(Rejected, match="took part in training"):
        bench.evaluate(whole)


def test_rows_taken_from_the_training_data_are_refused(bench: Bench) -> None:
    part = bench.workshop.place / "part.csv"
    part.write_text("text,label\nhello,0\n")
    bench.workshop.ledger.snapshot(part)
    bench.workshop.ledger.custody(part, operation="filter", inputs=[bench.workshop.data])
    with pytest.raises(Rejected, match="was made from what the model was trained on"):
        bench.evaluate(part)


def test_held_out_half_of_a_split_is_accepted(bench: Bench) -> None:
    whole = bench.workshop.place / "whole.csv"
    whole.write_text("text,label\nhello,0\nwin,1\nother,0\n")
    bench.workshop.ledger.data(whole, "whole")
    for half in (bench.workshop.data, bench.test):
        bench.workshop.ledger.custody(half, operation="split", inputs=[whole])
    assert bench.evaluate().provenance_known


def test_model_of_unknown_origin_is_said_to_be(bench: Bench) -> None:
    (bench.workshop.model / "weights.bin").write_text("swapped")
    assert not bench.evaluate().provenance_known


@pytest.mark.parametrize(
    ("content", "metrics"),
    [
        ('{"f1": 0.5}', {"f1": 0.5}),
        ('{"metrics": {"f1": 1, "n": -3}}', {"f1": 1.0, "n": -3.0}),
        ('{"metrics": 3}', {"metrics": 3.0}),
    ],
)
def test_metrics_that_are_understood(content: str, metrics: dict[str, float]) -> None:
    assert parse_metrics(content.encode(), where="m.json") == metrics


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"metrics": {}}',
        '{"f1": true}',
        '{"f1": "0.9"}',
        '{"f1": null}',
        '{"f1": {"mean": 1}}',
        '{"f1": NaN}',
        '{"f1": Infinity}',
        '{"f1": 1e999}',
        '{"f1": 1' + "0" * 400 + "}",
        '{"f1": 0.1, "f1": 0.9}',
        '{"": 1}',
        '{"a\\u001b[2J": 1}',
        '{"' + "x" * 129 + '": 1}',
        '{"metrics": {"f1": 1}, "also": 2}',
    ],
)
def test_metrics_that_two_readers_may_read_differently_are_refused(content: str) -> None:
    with pytest.raises(InputError) as refusal:
        parse_metrics(content.encode(), where="m.json")
    assert refusal.value.where == "m.json"


def test_too_many_metrics_are_refused() -> None:
    with pytest.raises(LimitExceeded):
        parse_metrics(json.dumps({f"m{n}": n for n in range(1001)}).encode(), where="m.json")


def test_metrics_file_that_is_not_there(bench: Bench) -> None:
    Path("metrics.json").unlink()
    with pytest.raises(InputError, match="cannot read the metrics"):
        bench.evaluate()


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "ignore")))
def test_any_bytes_give_metrics_or_our_error(content: bytes) -> None:
    try:
        parse_metrics(content, where="m.json")
    except ModelwardError:
        return


@given(
    st.dictionaries(
        st.text("abc_@1", min_size=1, max_size=5), st.floats(allow_nan=False, allow_infinity=False)
    )
)
def test_finite_numbers_come_back(metrics: dict[str, float]) -> None:
    if metrics:
        assert parse_metrics(json.dumps(metrics).encode(), where="m.json") == metrics
