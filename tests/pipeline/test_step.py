"""A step runs on recorded inputs only, and what it made is attested or nothing is."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from tests.pipeline.conftest import Workshop

from modelward.artifact.hashing import digest_of
from modelward.attest.predicates import Provenance, Snapshot
from modelward.core.digest import Digest
from modelward.core.errors import InputError, Rejected, UsageError


def provenance(workshop: Workshop, **options: object) -> Provenance:
    return workshop.run(**options).statements[0].typed(Provenance)


def test_provenance_binds_inputs_code_and_output_by_digest(workshop: Workshop) -> None:
    result = workshop.run()
    (statement,) = result.statements
    assert result.exit_code == 0
    assert statement.name == "model"
    assert statement.subject == digest_of(workshop.model) == result.outputs["model"]
    definition = statement.typed(Provenance).build_definition
    materials = {d.name: d for d in definition.resolved_dependencies}
    data = materials["input/data"]
    assert data.digest == digest_of(workshop.data).as_set()
    assert data.annotations["origin"] == "snapshot+custody"
    assert data.annotations["statements"] == sorted(str(v.id) for v in workshop.ledger.said)
    assert materials["code/train.py"].digest == digest_of(Path("train.py")).as_set()
    assert definition.external_parameters == {
        "step": "train",
        "command": workshop.python,
        "inputs": {"data": "train.csv"},
        "outputs": {"model": "model"},
    }


def test_provenance_says_that_nothing_was_enforced(workshop: Workshop) -> None:
    internal = provenance(workshop).build_definition.internal_parameters
    assert (internal["grade"], internal["sandbox"], internal["digests"]) == ("declared", "none", "observed")
    assert internal["interpreter"]["version"] == sys.version.split()[0]
    assert "pytest" in internal["packages"]


def test_run_details_tell_when_and_which_run(workshop: Workshop) -> None:
    first = provenance(workshop).run_details.metadata
    second = provenance(workshop, overwrite=True).run_details.metadata
    assert first.started_on <= first.finished_on
    assert first.invocation_id.startswith("urn:uuid:")
    assert first.invocation_id != second.invocation_id


def test_output_of_one_step_is_accepted_by_the_next(workshop: Workshop) -> None:
    workshop.ledger.say("tom", workshop.run().statements[0])
    command = [sys.executable, "-c", "open('small', 'w').write('q')"]
    result = workshop.run(command, {"model": workshop.model}, {"small": Path("small")})
    assert result.inputs[0].origin == "provenance"


def test_each_output_has_a_statement_and_the_others_are_byproducts(workshop: Workshop) -> None:
    command = [sys.executable, "-c", "[open(n, 'w').write(n) for n in ('a.txt', 'b.txt')]"]
    result = workshop.run(command, outputs={"a": Path("a.txt"), "b": Path("b.txt")})
    assert [s.name for s in result.statements] == ["a.txt", "b.txt"]
    (other,) = result.statements[0].typed(Provenance).run_details.byproducts
    assert (other.name, other.digest) == ("output/b", digest_of("b.txt").as_set())


def test_row_changed_after_the_snapshot_is_refused_before_the_command_runs(workshop: Workshop) -> None:
    recorded = digest_of(workshop.data)
    workshop.data.write_text("text,label\nhello,1\nwin,1\n")
    with pytest.raises(Rejected, match=r"changed after snapshot .* of dataset spam by dora") as refusal:
        workshop.run()
    assert str(recorded) in refusal.value.message
    assert str(digest_of(workshop.data)) in refusal.value.message
    assert not workshop.model.exists()


def test_undeclared_origin_is_refused(workshop: Workshop) -> None:
    extra = workshop.place / "extra.csv"
    extra.write_text("x\n1\n")
    with pytest.raises(Rejected, match=r"input more: nothing is known about extra.csv \(sha256:"):
        workshop.run(inputs={"data": workshop.data, "more": extra})


def test_input_that_changes_while_the_step_runs_is_refused(workshop: Workshop) -> None:
    command = workshop.script(
        "import os, sys; os.mkdir(sys.argv[2]); open(sys.argv[2] + '/w', 'w').write('w');"
        "open(sys.argv[1], 'a').write('poison,1\\n')"
    )
    with pytest.raises(Rejected, match="input data changed while the step ran"):
        workshop.run(command)


def test_input_that_is_removed_while_the_step_runs_is_refused(workshop: Workshop) -> None:
    command = workshop.script(
        "import os, sys; os.mkdir(sys.argv[2]); open(sys.argv[2] + '/w', 'w').write('w');"
        "os.unlink(sys.argv[1])"
    )
    with pytest.raises(Rejected, match="it is gone"):
        workshop.run(command)


def test_code_that_rewrites_itself_is_refused(workshop: Workshop) -> None:
    command = workshop.script(
        "import os, sys; os.mkdir(sys.argv[2]); open(sys.argv[2] + '/w', 'w').write('w');"
        "open(__file__, 'a').write('# innocent')"
    )
    with pytest.raises(Rejected, match=r"code other.py changed"):
        workshop.run(command)


def test_failed_step_attests_nothing(workshop: Workshop) -> None:
    command = workshop.script("import os, sys; os.mkdir(sys.argv[2]); sys.exit(7)")
    result = workshop.run(command)
    assert (result.exit_code, result.statements, dict(result.outputs)) == (7, (), {})


def test_command_that_makes_nothing_is_refused(workshop: Workshop) -> None:
    with pytest.raises(Rejected, match="made no output model"):
        workshop.run([sys.executable, "-c", "pass"])


def test_stale_output_is_not_attested_as_new(workshop: Workshop) -> None:
    workshop.model.mkdir()
    (workshop.model / "old.bin").write_text("old")
    with pytest.raises(UsageError, match="output model is there already"):
        workshop.run()


def test_empty_output_directory_is_room_enough(workshop: Workshop) -> None:
    workshop.model.mkdir()
    assert workshop.run().exit_code == 0


def test_overwriting_leaves_nothing_of_the_earlier_output(workshop: Workshop) -> None:
    workshop.model.mkdir()
    (workshop.model / "old.bin").write_text("old")
    workshop.run(overwrite=True)
    assert [path.name for path in workshop.model.iterdir()] == ["weights.bin"]
    assert not list(workshop.place.glob("model.before-*"))


def test_failed_overwrite_keeps_the_earlier_output(workshop: Workshop) -> None:
    workshop.model.mkdir()
    (workshop.model / "old.bin").write_text("old")
    result = workshop.run([sys.executable, "-c", "raise SystemExit(3)"], overwrite=True)
    (kept,) = result.set_aside
    assert (kept / "old.bin").read_text() == "old"


def test_command_that_cannot_start_leaves_everything_in_place(workshop: Workshop) -> None:
    workshop.model.mkdir()
    (workshop.model / "old.bin").write_text("old")
    with pytest.raises(InputError, match="no such command"):
        workshop.run(["no-such-command-here"], overwrite=True)
    assert (workshop.model / "old.bin").read_text() == "old"


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        ({"data": Path("train.csv")}, {"model": Path("train.csv")}),
        ({"data": Path(".")}, {"model": Path("model")}),
        ({"data": Path("train.csv")}, {"a": Path("out"), "b": Path("out/b")}),
        ({"data": Path("train.csv")}, {"a": Path("out"), "b": Path("x/../out")}),
    ],
)
def test_overlapping_places_are_refused(
    workshop: Workshop, inputs: dict[str, Path], outputs: dict[str, Path]
) -> None:
    with pytest.raises(UsageError, match="overlap"):
        workshop.run(inputs=inputs, outputs=outputs)


def test_output_that_is_a_link_is_refused(workshop: Workshop) -> None:
    os.symlink(workshop.place / "elsewhere", workshop.model)
    with pytest.raises(UsageError, match="there already"):
        workshop.run()


@pytest.mark.parametrize("name", ["", "../x", "a b", "input/x", "x" * 129])
def test_odd_names_are_refused(workshop: Workshop, name: str) -> None:
    with pytest.raises(UsageError, match="not a name"):
        workshop.run(outputs={name: workshop.model})


def test_step_without_command_or_output_is_refused(workshop: Workshop) -> None:
    with pytest.raises(UsageError, match="no command"):
        workshop.run([])
    with pytest.raises(UsageError, match="without outputs"):
        workshop.run(outputs={})


def test_secret_on_the_command_line_is_refused(workshop: Workshop) -> None:
    with pytest.raises(UsageError, match="Hugging Face token"):
        workshop.run([*workshop.python, "--token=hf_" + "a" * 34])
    assert not workshop.model.exists()


def test_environment_is_not_recorded(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_SECRET", "correct-horse-battery")
    (statement,) = workshop.run().statements
    assert b"correct-horse-battery" not in statement.to_bytes()


def test_machine_paths_are_not_recorded(workshop: Workshop) -> None:
    command = [sys.executable, "train.py", "train.csv", "model"]
    result = workshop.run(command, {"data": workshop.data.resolve()}, {"model": workshop.model.resolve()})
    text = result.statements[0].to_bytes().replace(sys.executable.encode(), b"python")
    assert str(workshop.place).encode() not in text


def test_named_input_keeps_its_evidence_when_names_are_not_searchable(workshop: Workshop) -> None:
    class OnlyDigests:
        """A source that cannot look up names still refuses, in plainer words."""

        def statements_about(self, digest: Digest) -> list[object]:
            return []

    from modelward.pipeline import step

    with pytest.raises(Rejected, match=r"nothing is known about train\.csv"):
        step.run(
            "train",
            workshop.python,
            {"data": workshop.data},
            {"model": workshop.model},
            [],
            OnlyDigests(),  # type: ignore[arg-type]
        )


def test_statement_is_what_its_type_allows(workshop: Workshop) -> None:
    statement = workshop.run().statements[0]
    assert type(statement).from_bytes(statement.to_bytes()) == statement
    with pytest.raises(InputError):
        statement.typed(Snapshot)
