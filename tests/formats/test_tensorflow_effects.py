from __future__ import annotations

import pytest

from modelward.formats.facts import PathEscape, RemoteFetch
from modelward.formats.graph_facts import FileAccess, UnsafeOperation
from modelward.formats.tensorflow_effects import ATTRIBUTES, EFFECTS, Origin, judge, judge_attribute
from modelward.formats.tensorflow_names import NAMES

GIVEN = Origin(asked=True)


def said(operation: str, origin: Origin) -> list[type]:
    return [type(fact) for fact in judge(operation, "n", origin, 0)]


@pytest.mark.parametrize(
    ("operation", "origin", "kinds"),
    [
        ("ReadFile", Origin(("/etc/passwd",)), [PathEscape]),
        ("ReadFile", Origin(("notes.txt",)), [FileAccess]),
        ("ReadFile", Origin(asset=True), []),
        ("WriteFile", GIVEN, [UnsafeOperation]),
        ("SaveV2", Origin(("model",)), []),
        ("SaveV2", GIVEN, []),
        ("SaveV2", Origin(("../../x",)), [PathEscape]),
        ("MergeV2Checkpoints", Origin(), [FileAccess]),
        ("CacheDataset", Origin(("",)), []),
        ("RestoreV2", Origin(("gs://bert/model.ckpt",)), []),
        ("RestoreV2", Origin(("/etc/shadow",)), [PathEscape]),
        ("TFRecordDataset", Origin(("/data/train.tfrecord",)), [FileAccess]),
        ("TFRecordDataset", Origin(("train.tfrecord",)), []),
        ("Rpc", Origin(("attacker:80",)), [RemoteFetch]),
        ("Rpc", GIVEN, [UnsafeOperation]),
        ("ReadFile", Origin(("http://169.254.169.254/latest",)), [PathEscape]),
        ("TextLineDataset", Origin(("/home/u/.aws/credentials",)), [PathEscape]),
    ],
)
def test_operations_are_judged_by_what_feeds_them(operation: str, origin: Origin, kinds: list[type]) -> None:
    assert said(operation, origin) == kinds


@pytest.mark.parametrize(
    ("operation", "value", "kinds"),
    [
        ("PrintV2", "stdout", []),
        ("PrintV2", "file:///tmp/x", [UnsafeOperation]),
        ("ImmutableConst", "/etc/passwd", [PathEscape]),
        ("ImmutableConst", "memmapped_package://weights", []),
        ("ImmutableConst", "weights", [FileAccess]),
        ("FixedUnigramCandidateSampler", "", []),
        ("DecodeProtoV2", "local://", []),
        ("DebugIdentity", "file:///tmp/dump", [UnsafeOperation]),
        ("Skipgram", "s3://b/text", [RemoteFetch]),
    ],
)
def test_attributes_are_judged_by_where_they_lead(operation: str, value: str, kinds: list[type]) -> None:
    assert [type(fact) for fact in judge_attribute(operation, "n", value, 0)] == kinds


def test_the_tables_name_operations_that_exist() -> None:
    invented = {"PyCall", "ShellExecute", "ExecuteOp", "SystemCommand", "LoadLibrary", "LoadLibraryV2"}
    retired = {"RunCommand", "TryRpc", "Rpc", "BigQueryReader", "ExperimentalCSVDataset"}
    assert (EFFECTS.keys() | ATTRIBUTES.keys()) - NAMES <= invented | retired
