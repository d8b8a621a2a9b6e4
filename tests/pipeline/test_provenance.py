"""The written form of a run."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.pipeline.conftest import Workshop

from modelward.attest.predicates import Provenance
from modelward.pipeline.provenance import BUILDER, shown


def test_path_below_the_working_directory_is_shown_relative(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "data" / "x.csv") == "data/x.csv"


def test_path_elsewhere_is_shown_by_name_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    assert shown(tmp_path / "secret-project" / "x.csv") == "x.csv"


def test_name_with_a_space_is_quoted_in_addresses_only(workshop: Workshop) -> None:
    data = workshop.place / "my data.csv"
    workshop.data.rename(data)
    command = [*workshop.python[:-2], "my data.csv", "model"]
    definition = workshop.run(command, {"data": data}).statements[0].typed(Provenance).build_definition
    assert definition.external_parameters["inputs"] == {"data": "my data.csv"}
    assert definition.resolved_dependencies[0].uri == "my%20data.csv"


def test_builder_is_the_local_runner(workshop: Workshop) -> None:
    details = workshop.run().statements[0].typed(Provenance).run_details
    assert details.builder.id == BUILDER
    assert "modelward" in details.builder.version
