"""custody: every dataset back to its source."""

from __future__ import annotations

from typing import Any

import pytest
from tests.gate.case import MODEL, POLICY, RAW, TEST, TRAIN, Case, complete, custody, snapshot, train

from modelward.attest import predicates as p
from modelward.attest.predicates.custody import Generator, Source
from modelward.core.digest import Digest
from modelward.core.errors import InputError

STRANGE = Digest.sha256(b"strange")


def test_a_complete_chain_passes_and_names_the_datasets() -> None:
    (line,) = [line for line in complete().decide().lines if line.id == "custody"]
    assert line.outcome.detail == ("2 datasets back to the source: test, train",)


def test_training_data_without_custody_fails() -> None:
    case = complete()
    case.drop(p.Custody, TRAIN)
    assert case.failing()["custody"] == "train has no custody statement from a data steward"


def test_evaluation_data_without_custody_fails() -> None:
    case = complete()
    case.drop(p.Custody, TEST)
    assert "test has no custody" in case.failing()["custody"]


def test_a_gap_further_back_fails() -> None:
    case = complete()
    case.drop(p.Custody, RAW)
    assert f"the custody of its ancestor {RAW.short} is missing" in case.failing()["custody"]


def test_a_dataset_without_snapshot_fails() -> None:
    case = complete()
    case.drop(p.Snapshot, TRAIN)
    assert "has no snapshot" in case.failing()["custody"]


def test_custody_by_somebody_who_may_not_sign_it_is_named() -> None:
    case = complete()
    case.drop(p.Custody, TRAIN)
    case.say("ci-scan", TRAIN, custody("split", "train", [RAW]))
    assert "may not sign" in case.failing()["custody"]


def test_a_collection_without_source_fails() -> None:
    case = complete()
    case.drop(p.Custody, RAW)
    case.say("dora", RAW, custody("collect", "raw", []))
    assert "names no source" in case.failing()["custody"]


def test_a_step_that_is_only_declared_fails() -> None:
    case = complete()
    case.drop(p.Custody, TRAIN)
    case.say("dora", TRAIN, custody("map", "train", [RAW], claim="declared"))
    assert "only declared" in case.failing()["custody"]


def replaced(policy: bytes = POLICY, **step: Any) -> Case:
    """A release whose training data was made from the raw data by this step."""
    case = complete(policy)
    case.drop(p.Custody, TRAIN)
    operation, inputs = step.pop("operation"), step.pop("inputs", [RAW])
    case.say("dora", TRAIN, custody(operation, "train", inputs, **step))
    return case


def allowing(option: bytes) -> bytes:
    return POLICY.replace(b"check.custody]\n", b"check.custody]\n" + option + b" = true\n")


@pytest.mark.parametrize(
    "operation",
    ["filter", "merge", "split", "shuffle", "dedupe", "label", "annotate", "redact", "delete"],
)
def test_an_operation_that_rows_can_prove_passes_if_it_was_checked(operation: str) -> None:
    assert "custody" not in replaced(operation=operation).failing()
    declared = replaced(operation=operation, claim="declared").failing()["custody"]
    assert f"the {operation} step is only declared" in declared


def test_a_map_passes_where_the_policy_says_so_and_every_row_is_accounted_for() -> None:
    for claim, policy, passes in (
        ("mapped", POLICY, False),
        ("mapped", allowing(b"allow-maps"), True),
        ("declared", allowing(b"allow-maps"), False),
        ("checked", allowing(b"allow-maps"), False),  # no rows can bear that out
    ):
        assert ("custody" not in replaced(policy, operation="map", claim=claim).failing()) is passes


def test_a_policy_names_the_columns_that_labelling_may_write() -> None:
    policy = POLICY.replace(b"check.custody]\n", b'check.custody]\nmay-change = ["label", "by"]\n')
    for operation in ("label", "annotate"):
        assert "custody" not in replaced(policy, operation=operation, columns=("label",)).failing()
        text = replaced(policy, operation=operation, columns=("label", "text")).failing()["custody"]
        assert f"the {operation} step may not write column text" in text
    assert "custody" not in replaced(policy, operation="redact", columns=("text",)).failing()


def test_synthetic_rows_pass_where_the_policy_says_so_and_name_their_model() -> None:
    generator = Generator(model=p.Named(name="llm", digest=str(STRANGE)))
    synthetic = {"operation": "synthesise", "inputs": [], "claim": "declared"}
    assert "made by the model llm" in replaced(**synthetic, generator=generator).failing()["custody"]
    policy = allowing(b"allow-synthetic")
    assert "custody" not in replaced(policy, **synthetic, generator=generator).failing()
    assert "names no generator" in replaced(policy, **synthetic).failing()["custody"]


def test_the_model_that_made_rows_is_an_ancestor() -> None:
    generator = Generator(model=p.Named(name="llm", digest=str(STRANGE)))
    case = replaced(operation="synthesise", inputs=[], claim="declared", generator=generator)
    assert STRANGE in case.evidence().ancestors(MODEL)


def test_a_collection_from_other_data_is_none() -> None:
    source = Source(uri="https://example.org")
    assert "made from other data" in replaced(operation="collect", source=source).failing()["custody"]


def test_an_operation_that_is_not_known_is_refused() -> None:
    with pytest.raises(InputError, match="Invalid enum value 'transmute'"):
        replaced(operation="transmute").decide()


def test_a_step_without_inputs_that_is_no_collection_fails() -> None:
    case = complete()
    case.drop(p.Custody, TRAIN)
    case.say("dora", TRAIN, custody("filter", "train", [], claim="checked"))
    assert "names no input" in case.failing()["custody"]


def test_a_circle_of_custody_is_no_way_back_to_a_source() -> None:
    case = complete()
    case.drop(p.Custody, RAW)
    case.say("dora", RAW, custody("shuffle", "raw", [STRANGE]))
    case.say("dora", STRANGE, custody("shuffle", "strange", [RAW]))
    assert "goes in a circle" in case.failing()["custody"]


def test_data_that_is_its_own_source_is_not_collected() -> None:
    case = complete()
    case.drop(p.Custody, TRAIN)
    case.say("dora", TRAIN, custody("shuffle", "train", [TRAIN]))
    assert "goes in a circle" in case.failing()["custody"]


def test_training_data_passed_off_as_code_needs_custody_all_the_same() -> None:
    case = complete()
    case.drop(p.Provenance)
    snapshot(case, "tom", STRANGE, "strange")
    train(case, "tom", MODEL, TRAIN, named={"code/strange.csv": STRANGE})
    assert "strange has no custody" in case.failing()["custody"]


def test_training_data_under_a_name_of_no_convention_needs_custody() -> None:
    case = complete()
    case.drop(p.Provenance)
    train(case, "tom", MODEL, TRAIN, named={"strange.csv": STRANGE})
    assert f"{STRANGE.short} has no custody" in case.failing()["custody"]
    assert STRANGE.short in case.failing()["provenance"]


def test_code_is_no_data() -> None:
    case = complete()
    case.drop(p.Provenance)
    train(case, "tom", MODEL, TRAIN, named={"code/train.py": STRANGE, "tool/python": STRANGE})
    assert not {"custody", "provenance"} & case.failing().keys()


def test_data_registered_as_a_model_does_not_escape_custody() -> None:
    case = complete()
    case.drop(p.Custody, TRAIN)
    case.drop(p.Snapshot, TRAIN)
    case.say("alice", TRAIN, case.registry.version(model="data", version=1))
    assert "its data is unknown" in case.failing()["custody"]


def test_a_base_model_of_unknown_data_passes_where_the_policy_says_so() -> None:
    base = Digest("dirHash", "c" * 64)
    allowing = POLICY.replace(b"check.custody]\n", b"check.custody]\nallow-base-models = true\n")
    for policy, passes in ((POLICY, False), (allowing, True)):
        case = complete(policy)
        case.drop(p.Provenance)
        train(case, "tom", MODEL, TRAIN, base)
        case.say("alice", base, case.registry.version(model="base", version=1))
        assert ("custody" not in case.failing()) is passes
