"""The assembled BOM: statements first, then bytes, then what is declared."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tests.bom.conftest import Story

from modelward.attest.predicates import Version
from modelward.bom.build import observed_bom
from modelward.bom.model import Grade, Kind
from modelward.core.errors import InputError, LimitExceeded


def test_no_field_claims_more_than_its_source(story: Story) -> None:
    ids = {str(v.id) for v in story.ledger.said}
    for _, fact in story.bom().every():
        if fact.grade is Grade.ATTESTED:
            assert fact.source in ids, fact
        else:
            assert fact.source.startswith("file:") or fact.source == "modelward", fact


def test_without_statements_nothing_is_attested(bare: Story) -> None:
    grades = {fact.grade for _, fact in bare.bom().every()}
    assert grades == {Grade.OBSERVED, Grade.DECLARED}
    assert not [f for _, f in bare.bom().every() if f.field in ("MDL-01", "MDL-03", "SP-07")]


def test_name_that_no_statement_gives_is_no_fact(story: Story) -> None:
    bom = story.bom(story.without(Version))
    assert bom.model.best("MDL-01") is None


def test_sources_stand_side_by_side(story: Story) -> None:
    (story.model / "README.md").write_text("---\nlicense: mit\n---\n")
    story.say("alice", story.ledger.registry.version())
    assert story.bom().model.texts("MDL-12", "licence") == ["apache-2.0", "mit"]


def test_card_speaks_of_a_dataset_by_its_name(story: Story) -> None:
    (spam,) = (c for c in story.bom().of_kind(Kind.DATASET) if c.name == "spam")
    found = spam.best("DP-08")
    assert found is not None
    assert (found.grade, found.value) == (Grade.DECLARED, {"sensitivity": "no personal data"})


def test_dataset_that_only_a_card_names_is_declared(bare: Story) -> None:
    (spam,) = bare.bom().of_kind(Kind.DATASET)
    assert (spam.grade, spam.digest, spam.roles) == (Grade.DECLARED, None, ("training",))
    assert bare.bom().depends["model"] == (spam.ref,)


def test_malformed_card_is_an_error_that_names_it(bare: Story) -> None:
    (bare.model / "model-card.toml").write_text("[model]\nlicense = 'MIT'\n")
    with pytest.raises(InputError, match=r"unknown key model\.license"):
        bare.bom()


def test_single_file_has_a_bom(bare: Story) -> None:
    from modelward.artifact.hashing import hash_file
    from modelward.artifact.manifest import Entry, Manifest

    path = bare.model / "model.safetensors"
    digest = hash_file(path)
    bom = observed_bom(path.name, digest, Manifest((Entry(path.name, digest),)), bare.read)
    assert bom.model.digest == digest
    found = bom.model.best("MDL-09")
    assert found is not None
    assert found.value["parameters"] == 40


def test_file_too_large_to_look_into_is_no_error(bare: Story) -> None:
    def read(name: str) -> bytes | None:
        raise LimitExceeded("too large")

    bom = observed_bom("m", bare.artifact, bare.manifest, read)
    assert bom.model.best("MDL-09") is None
    assert bom.model.best("MDL-07") is not None


def test_large_file_is_read_by_its_head(bare: Story) -> None:
    asked: list[tuple[str, int]] = []

    def head(name: str, size: int) -> bytes | None:
        asked.append((name, size))
        data = bare.read(name)
        return None if data is None else data[:size]

    def read(name: str) -> bytes | None:
        assert not name.endswith(".safetensors")
        return bare.read(name)

    assert observed_bom("m", bare.artifact, bare.manifest, read, head).model.best("MDL-09")
    assert [name for name, _ in asked] == ["model.safetensors"]


def test_system_is_named_by_the_card_or_after_the_model(bare: Story) -> None:
    assert bare.bom().system.name == "claims desk"
    (bare.model / "model-card.toml").unlink()
    assert bare.bom().system.name == "fraud-scorer"


def test_gate_can_make_a_bom_without_numeric_libraries() -> None:
    script = (
        "import sys, modelward.bom.build, modelward.bom.cyclonedx, modelward.bom.completeness\n"
        "print(sorted({'numpy', 'pyarrow', 'cyclonedx', 'yaml'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
