"""`modelward bom show` and `modelward bom check`."""

from __future__ import annotations

import json

import pytest
from tests.cli.pipeline_workshop import Bench

CARD = '[model]\nlicence = "MIT"\n'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A model that no registry knows."""
    monkeypatch.chdir(tmp_path)
    model = tmp_path / "scorer"
    model.mkdir()
    (model / "model-card.toml").write_text(CARD)
    (model / "config.json").write_text('{"model_type": "tiny\\u001b[2J"}')
    return model


@pytest.fixture
def bench(command, tmp_path, monkeypatch) -> Bench:
    monkeypatch.chdir(tmp_path)
    made = Bench(command, tmp_path)
    made.set_up()
    assert made.train().code == 0
    made.ok("push", "model", "--model", "fraud-scorer")
    return made


def test_fields_of_a_folder_with_grade_and_source(command, folder) -> None:
    done = command("bom", "show", folder)
    assert done.code == 0, done.err
    assert done.out.startswith("model BOM of scorer\n  dirHash:")
    assert (
        "  MDL-12  licence of the model\n          licence: MIT\n          declared, file:model-card.toml"
        in done.out
    )
    assert "of 72 fields are filled" in done.out


def test_untrusted_words_are_escaped(command, folder) -> None:
    assert "\x1b" not in command("bom", "show", folder).out


def test_version_in_the_registry_has_attested_fields(bench: Bench) -> None:
    fields = json.loads(bench.ok("bom", "show", "fraud-scorer@1", "--json").out)["fields"]
    grades = {entry["id"]: entry["grade"] for entry in fields}
    assert {grades[name] for name in ("MDL-01", "MDL-11", "SP-07", "SP-08", "DP-05", "INF-01")} == {
        "attested"
    }


def test_cyclonedx_is_what_check_reads_again(bench: Bench) -> None:
    document = bench.ok("bom", "show", "fraud-scorer@1", "--format", "cyclonedx").out
    assert json.loads(document)["bomFormat"] == "CycloneDX"
    (bench.place / "bom.json").write_text(document)
    assert bench.ok("bom", "check", "bom.json", "--require", "MDL-11").out.endswith(
        "result: complete, 1 of 1 required fields are filled\n"
    )


def test_missing_fields_are_named_with_what_to_do(command, folder) -> None:
    done = command("bom", "check", folder)
    assert done.code == 1
    assert "missing SP-05 scan of the model's files\n    = help: modelward scan" in done.out
    assert "result: incomplete" in done.out


def test_later_stage_asks_for_more(command, folder) -> None:
    def required(stage: str) -> int:
        return len(json.loads(command("bom", "check", folder, "--stage", stage, "--json").out)["required"])

    assert required("register") < required("staging") < required("production") < required("deploy")


def test_required_fields_can_be_named(command, folder) -> None:
    done = command("bom", "check", folder, "--require", "MDL-12", "--json")
    assert done.code == 0
    assert json.loads(done.out) == {"complete": True, "missing": [], "required": ["MDL-12"]}
    assert command("bom", "check", folder, "--require", "MDL-99").code == 2


def test_single_file(command, folder) -> None:
    done = command("bom", "show", folder / "config.json", "--json")
    assert json.loads(done.out)["digest"].startswith("sha256:")


@pytest.mark.parametrize("content", ["[]", "{}", '{"bomFormat": "SPDX"}', "not json"])
def test_json_that_is_no_bom_is_refused(command, folder, content: str) -> None:
    (folder / "bom.json").write_text(content)
    assert command("bom", "check", folder / "bom.json").code == 2


def test_unknown_model(command, folder) -> None:
    done = command("bom", "show", "nothing")
    assert done.code == 2
    assert "not NAME@VERSION" in done.err


def test_malformed_card_is_named(command, folder) -> None:
    (folder / "model-card.toml").write_text("[model]\nlicense = 1\n")
    done = command("bom", "show", folder)
    assert done.code == 2
    assert "model-card.toml: unknown key model.license" in done.err
