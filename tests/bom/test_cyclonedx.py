"""The CycloneDX document: valid by the official schema, joined, and saying no more than is known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, FormatChecker
from referencing import Registry as SchemaRegistry
from referencing.jsonschema import DRAFT7
from tests.bom.conftest import Story

from modelward.artifact.hashing import digest_of
from modelward.attest.predicates import Evaluation, Provenance
from modelward.bom.build import observed_bom
from modelward.bom.cyclonedx import to_cyclonedx
from modelward.core import strict_json
from modelward.core.digest import Digest


def _schema(name: str) -> Any:
    return json.loads((resources.files("cyclonedx.schema") / "_res" / name).read_text("utf-8"))


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    """The official 1.6 schema, strict about formats, with no network."""
    registry: Any = SchemaRegistry()
    for name in ("spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json"):
        registry = registry.with_resource(
            f"http://cyclonedx.org/schema/{name}", DRAFT7.create_resource(_schema(name))
        )
    return Draft7Validator(
        _schema("bom-1.6.SNAPSHOT.schema.json"), registry=registry, format_checker=FormatChecker()
    )


def errors(validator: Draft7Validator, document: dict[str, Any]) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(document)]


def refs(value: Any) -> Iterator[str]:
    """Every bom-ref in a document."""
    if isinstance(value, dict):
        if "bom-ref" in value:
            yield value["bom-ref"]
        for part in value.values():
            yield from refs(part)
    elif isinstance(value, list):
        for part in value:
            yield from refs(part)


def component(document: dict[str, Any], kind: str, name: str = "") -> dict[str, Any]:
    return next(c for c in document["components"] if c["type"] == kind and (not name or c["name"] == name))


def properties(holder: dict[str, Any]) -> dict[str, str]:
    return {entry["name"]: entry.get("value", "") for entry in holder["properties"]}


def test_schema_is_really_checked(validator: Draft7Validator, story: Story) -> None:
    document = to_cyclonedx(story.bom())
    document["components"][0]["invented"] = 1
    document["metadata"]["timestamp"] = "yesterday"
    assert len(errors(validator, document)) >= 2


def test_whole_story_has_no_schema_errors(validator: Draft7Validator, story: Story) -> None:
    assert errors(validator, to_cyclonedx(story.bom())) == []


def test_files_alone_have_no_schema_errors(validator: Draft7Validator, bare: Story) -> None:
    bom = observed_bom("fraud-scorer", bare.artifact, bare.manifest, bare.read)
    assert errors(validator, to_cyclonedx(bom)) == []


def test_hostile_words_have_no_schema_errors(validator: Draft7Validator, bare: Story) -> None:
    (bare.model / "model-card.toml").write_text(
        '[model]\nlicence = "my <b>own</b>\\nlicence"\nreferences = ["not a url", "https://a b", "x:%zz", '
        '"https://ok.example/p?q=1#f", "javascript:alert(1)", "http://[::1"]\n'
        'base_model = "urn:cdx:evil"\n'
        '[security]\ncontact = "security team <sec@acme.example>"\n'
        '[[datasets]]\nname = "a"\nidentifier = "http://[bad"\nlicence = "MIT"\n'
        '[[datasets]]\nname = "a b\\u0000c"\n'
    )
    bom = observed_bom("fraud-scorer", bare.artifact, bare.manifest, bare.read)
    assert errors(validator, to_cyclonedx(bom)) == []


def test_refs_are_unique_and_all_links_lead_somewhere(story: Story) -> None:
    document = to_cyclonedx(story.bom())
    known = list(refs(document))
    assert len(known) == len(set(known))
    linked = {
        ref for entry in document["dependencies"] for ref in [entry["ref"], *entry.get("dependsOn", [])]
    }
    linked |= {d["ref"] for d in document["components"][0]["modelCard"]["modelParameters"]["datasets"]}
    for workflow in document["formulation"][0]["workflows"]:
        linked |= {part["resource"]["ref"] for part in workflow["inputs"] + workflow["outputs"]}
    assert linked <= set(known)


def test_model_names_its_bytes(story: Story) -> None:
    model = component(to_cyclonedx(story.bom()), "machine-learning-model")
    assert model["name"] == "fraud-scorer"
    assert model["version"] == "7"
    assert model["hashes"] == [{"alg": "SHA-256", "content": story.artifact.value}]
    assert properties(model)["modelward:digest"] == str(story.artifact)
    assert model["purl"] == f"pkg:generic/fraud-scorer@7?dirhash={story.artifact.value}"
    assert {c["name"] for c in model["components"]} == {path.name for path in story.model.iterdir()}
    assert model["licenses"] == [{"license": {"id": "Apache-2.0"}}]
    assert model["supplier"] == {"name": "alice"}


def test_model_is_joined_to_its_data(story: Story) -> None:
    document = to_cyclonedx(story.bom())
    links = {entry["ref"]: entry.get("dependsOn", []) for entry in document["dependencies"]}
    train = f"dataset:{digest_of(story.place / 'train.csv')}"
    test = f"dataset:{digest_of(story.place / 'test.csv')}"
    assert links["system"] == ["model"]
    assert {train, test} <= set(links["model"])
    roles = {
        c["name"]: properties(c)["modelward:role"] for c in document["components"] if c["type"] == "data"
    }
    assert roles == {"spam": "training", "spam-test": "evaluation"}


def test_dataset_carries_digests_down_to_the_rows(story: Story) -> None:
    data = component(to_cyclonedx(story.bom()), "data", "spam")
    assert data["hashes"][0]["content"] == digest_of(story.place / "train.csv").value
    contents = {entry["name"]: entry["value"] for entry in data["data"][0]["contents"]["properties"]}
    assert contents["modelward:rows"] == "2"
    assert "rowsRoot" in json.loads(contents["modelward:value:DP-05"])
    assert data["licenses"] == [{"license": {"id": "CC-BY-4.0"}}]
    assert data["data"][0]["governance"] == {"stewards": [{"contact": {"name": "dora"}}]}
    assert data["externalReferences"] == [
        {"type": "source-distribution", "url": "https://data.example/spam.csv"}
    ]
    assert data["data"][0]["classification"] == "no personal data"


def test_base_model_is_an_ancestor_with_its_digest(story: Story) -> None:
    base = story.place / "base.bin"
    base.write_text("base")
    story.ledger.version(base, "tiny-base")
    story.trained({"base": digest_of(base)})
    document = to_cyclonedx(story.bom())
    (ancestor,) = component(document, "machine-learning-model", "fraud-scorer")["pedigree"]["ancestors"]
    assert (ancestor["name"], ancestor["version"]) == ("tiny-base", "1")
    assert ancestor["hashes"][0]["content"] == digest_of(base).value
    links = {entry["ref"]: entry.get("dependsOn", []) for entry in document["dependencies"]}
    assert f"base:{digest_of(base)}" in links["model"]


def test_formulation_is_the_steps_that_ran(story: Story) -> None:
    (workflow,) = to_cyclonedx(story.bom())["formulation"][0]["workflows"]
    assert workflow["name"] == "train"
    assert workflow["steps"][0]["commands"] == [{"executed": "python train.py 'a b'"}]
    assert (workflow["timeStart"], workflow["timeEnd"]) == ("2026-11-22T09:00:00Z", "2026-11-22T09:10:00Z")
    assert properties(workflow)["modelward:run:sandbox"] == "none"


def test_metrics_tell_on_which_data(story: Story) -> None:
    card = component(to_cyclonedx(story.bom()), "machine-learning-model")["modelCard"]
    data = f"dataset:{digest_of(story.place / 'test.csv')}"
    assert card["quantitativeAnalysis"]["performanceMetrics"] == [
        {"type": "accuracy", "value": "0.97", "slice": data},
        {"type": "f1", "value": "0.93", "slice": data},
    ]
    assert card["modelParameters"]["modelArchitecture"] == "TinyNet"
    assert card["considerations"]["useCases"] == ["triage of claims"]


def test_every_run_counts_not_the_best(story: Story) -> None:
    story.evaluated(story.place / "test.csv", {"f1": 0.2})
    card = component(to_cyclonedx(story.bom()), "machine-learning-model")["modelCard"]
    values = {m["value"] for m in card["quantitativeAnalysis"]["performanceMetrics"] if m["type"] == "f1"}
    assert values == {"0.93", "0.2"}


def test_packages_and_devices_are_components(story: Story) -> None:
    document = to_cyclonedx(story.bom())
    assert component(document, "framework")["purl"] == "pkg:pypi/torch@2.13.0"
    assert component(document, "library", "numpy")["version"] == "2.1.0"
    assert {c["name"] for c in document["components"] if c["type"] == "device"} == {"x86_64", "NVIDIA H100"}


def test_each_field_has_a_grade_and_a_source(story: Story) -> None:
    known = properties(to_cyclonedx(story.bom()))
    assert known["modelward:field:MDL-11"] == "attested"
    (trained,) = (v for v in story.ledger.said if v.statement.predicate_type == Provenance.TYPE)
    assert known["modelward:source:MDL-11"] == str(trained.id)
    assert known["modelward:field:SLP-09"] == "declared"
    assert known["modelward:source:SLP-09"] == "file:model-card.toml"
    fields = {name.split(":")[2] for name in known if name.startswith("modelward:field:")}
    assert fields == {name.split(":")[2] for name in known if name.startswith("modelward:source:")}


def test_same_evidence_in_any_order_gives_the_same_bytes(story: Story) -> None:
    first = strict_json.dumps(to_cyclonedx(story.bom()))
    again = strict_json.dumps(to_cyclonedx(story.bom(list(reversed(story.ledger.said)))))
    doubled = strict_json.dumps(to_cyclonedx(story.bom(story.ledger.said * 2)))
    assert first == again == doubled


def test_serial_number_changes_with_the_content(story: Story) -> None:
    before = to_cyclonedx(story.bom())
    after = to_cyclonedx(story.bom(story.without(Evaluation)))
    assert before["serialNumber"] != after["serialNumber"]


def test_time_is_that_of_the_evidence_not_of_the_clock(story: Story) -> None:
    assert to_cyclonedx(story.bom())["metadata"]["timestamp"] == "2026-11-22T09:14:00Z"


def test_unenforced_inputs_are_not_called_complete(story: Story) -> None:
    aggregates = {
        tuple(entry.get("dependencies", [])): entry["aggregate"]
        for entry in to_cyclonedx(story.bom())["compositions"]
    }
    assert aggregates[("model",)] == "incomplete"


def test_thousand_files_in_under_a_second(tmp_path: Path) -> None:
    import time

    from modelward.artifact.manifest import Entry, Manifest

    digest = Digest.sha256(b"x")
    manifest = Manifest.of(Entry(f"part-{n:05}.bin", digest) for n in range(1000))
    started = time.process_time()
    document = to_cyclonedx(observed_bom("big", manifest.digest, manifest, lambda name: None))
    assert len(document["components"][0]["components"]) == 1000
    assert time.process_time() - started < 1
