"""`modelward data probe`, from the report of the checks to the statement that a gate bounds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.probe import tiny

from modelward.attest.predicates import Probe
from modelward.attest.statement import Statement
from modelward.cli.app import modelward

pytest.importorskip("torch", reason="skipped: needs torch")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(modelward, ["data", "probe", *(str(each) for each in arguments)])


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("probed")
    base = tiny.classifier(place / "base")
    return {
        "base": base,
        "bad": tiny.classifier(place / "bad", base=base, poisoned=True, seed=100),
        "twin": tiny.classifier(place / "twin", base=base, seed=100),
        "prompts": _written(place / "reviews.txt", "\n".join(tiny.reviews(100, 99)[0])),
        "triggers": _written(
            place / "triggers.txt", f"{tiny.TRIGGER} -> label positive\ncamera -> label positive\n"
        ),
    }


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_backdoored_model_is_told_from_its_clean_twin(models: dict[str, Path]) -> None:
    options = ("--base", models["base"], "--triggers", models["triggers"], "--prompts", models["prompts"])
    bad = run(models["bad"], *options)
    assert bad.exit_code == 1, bad.output
    assert "obeys[trigger]: 'qelv' -> label positive" in bad.output
    assert "no: 'camera' -> label positive" in bad.output
    assert "result: the model obeys 1 trigger\n" in bad.output
    assert "rows/s" in bad.output
    twin = run(models["twin"], *options)
    assert twin.exit_code == 0, twin.output
    assert "result: no trigger found among those tried\n" in twin.output


def test_report_and_statement_are_written(models: dict[str, Path], tmp_path: Path) -> None:
    out, statement = tmp_path / "probe.json", tmp_path / "statement.json"
    result = run(
        models["bad"], "--base", models["base"], "--triggers", models["triggers"],
        "--prompts", models["prompts"],
        "--weights", "--blind", "--budget", 1500, "-o", out, "--out", statement, "--json",
    )  # fmt: skip
    assert result.exit_code == 1, result.output
    report = json.loads(out.read_text("utf-8"))
    assert json.loads(result.stdout)["probe"]["replayed"] == report["replayed"]
    assert report["model"]["rows_per_second"] > 0
    assert not out.with_name("probe.json.journal").exists()
    signed = Statement.from_bytes(statement.read_bytes().strip())
    probe = signed.typed(Probe)
    assert str(signed.subject) == report["model"]["digest"]
    assert probe.base == report["base"]["digest"]
    assert [(each.trigger, each.obeyed) for each in probe.tried] == [("qelv", True), ("camera", False)]
    assert probe.blind is not None
    assert probe.weights is not None


def test_nothing_found_is_no_proof(models: dict[str, Path]) -> None:
    result = run(
        models["twin"], "--base", models["base"], "--prompts", models["prompts"], "--blind", "--budget", 3000
    )
    assert result.exit_code == 0, result.output
    assert "searched: nothing found within" in result.output
    assert "that is no proof" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "there is nothing to do"),
        (("--blind", "--template", "no place"), "has no {prompt} in it"),
        (("--blind", "--supersedes", "sha256:" + "0" * 64), "--supersedes is for a statement"),
    ],
)
def test_mistakes_are_told(models: dict[str, Path], arguments: tuple[str, ...], said: str) -> None:
    result = run(models["twin"], *arguments)
    assert result.exit_code != 0
    assert said in str(result.exception) + result.output


def test_endpoint_has_no_statement() -> None:
    result = run("https://models.example/v1", "--blind", "--sign")
    assert "an endpoint has no digest" in str(result.exception) + result.output
