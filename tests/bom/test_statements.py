"""The walk from an artifact through what is said of it."""

from __future__ import annotations

from tests.bom.conftest import Story

from modelward.artifact.hashing import digest_of
from modelward.attest.predicates import Provenance, ResourceDescriptor
from modelward.attest.predicates.slsa import BuildDefinition, Builder, RunDetails
from modelward.bom.model import Grade, Kind
from modelward.bom.statements import inputs_of, tell
from modelward.core.digest import Digest


def fields(story: Story, number: int = 7) -> dict[str, Grade]:
    told = tell(story.artifact, story.ledger.said, "fraud-scorer", number)
    return {fact.field: fact.grade for fact in told.facts}


def test_statements_fill_fields_as_attested(story: Story) -> None:
    grades = fields(story)
    expected = {"MDL-01", "MDL-03", "MDL-11", "SP-05", "SP-07", "SP-08", "KPI-02", "INF-01", "INF-02"}
    assert expected <= set(grades)
    assert set(grades.values()) == {Grade.ATTESTED}


def test_imported_model_is_only_declared(bare: Story) -> None:
    bare.say("alice", bare.ledger.registry.version(origin="imported", description="found it"))
    grades = fields(bare)
    assert {name: grades[name] for name in ("MDL-04", "MDL-05", "MDL-06")} == dict.fromkeys(
        ("MDL-04", "MDL-05", "MDL-06"), Grade.DECLARED
    )
    assert grades["MDL-01"] is Grade.ATTESTED


def test_other_version_of_the_same_bytes_does_not_speak(story: Story) -> None:
    assert "MDL-01" not in fields(story, 8)


def test_bystanders_change_nothing(story: Story) -> None:
    before = tell(story.artifact, story.ledger.said, "fraud-scorer", 7)
    other = story.place / "other.csv"
    other.write_text("x")
    story.ledger.data(other, "bystander")
    story.trained({"data": digest_of(other)}, Digest.sha256(b"another model"))
    assert tell(story.artifact, story.ledger.said, "fraud-scorer", 7) == before


def test_chain_of_steps_leads_to_the_first_data(story: Story) -> None:
    raw = story.place / "raw.csv"
    raw.write_text("raw")
    story.ledger.data(raw, "raw")
    features = Digest.sha256(b"features")
    story.trained({"features": features})
    story.trained({"raw": digest_of(raw)}, features)
    told = tell(story.artifact, story.ledger.said, "fraud-scorer", 7)
    kinds = {component.name: component.kind for component in told.components.values()}
    assert kinds["features"] is Kind.PRODUCT
    assert kinds["raw"] is Kind.DATASET
    assert told.depends[f"product:{features}"] == [f"dataset:{digest_of(raw)}"]
    assert len(told.steps) == 3


def test_input_that_nobody_knows_is_a_dataset_without_fields(story: Story) -> None:
    story.trained({"mystery": Digest.sha256(b"mystery")})
    told = tell(story.artifact, story.ledger.said, "fraud-scorer", 7)
    (mystery,) = (c for c in told.components.values() if c.name == "mystery")
    assert (mystery.kind, mystery.facts) == (Kind.DATASET, ())


def test_same_data_for_training_and_evaluation_has_both_roles(story: Story) -> None:
    story.evaluated(story.place / "train.csv", {"f1": 1.0})
    told = tell(story.artifact, story.ledger.said, "fraud-scorer", 7)
    assert told.components[f"dataset:{digest_of(story.place / 'train.csv')}"].roles == (
        "evaluation",
        "training",
    )


def test_step_that_names_its_own_output_as_input_ends(story: Story) -> None:
    story.trained({"self": story.artifact})
    told = tell(story.artifact, story.ledger.said, "fraud-scorer", 7)
    assert len(told.steps) == 2


def test_provenance_of_others_is_read_as_far_as_it_goes(bare: Story) -> None:
    foreign = Provenance(
        build_definition=BuildDefinition(
            build_type="https://elsewhere.example/build",
            external_parameters={"command": 3, "step": ["x"]},
            resolved_dependencies=(
                ResourceDescriptor(name="input/x", digest={"sha1": "00"}),
                ResourceDescriptor(uri="git+https://code.example", digest={"gitCommit": "ab" * 20}),
            ),
        ),
        run_details=RunDetails(builder=Builder(id="https://elsewhere.example")),
    )
    bare.say("tom", foreign)
    told = tell(bare.artifact, bare.ledger.said, "fraud-scorer", 7)
    (step,) = told.steps
    assert (step.name, step.command, step.inputs) == ("https://elsewhere.example/build", (), ())
    assert list(inputs_of(foreign)) == []
