"""Statements about datasets and runs, with what a test does not care about filled in."""

from __future__ import annotations

from typing import Any

from modelward.attest.predicates import Custody, Evaluation, Named, Provenance, ResourceDescriptor, Snapshot
from modelward.attest.predicates.custody import Dataset, RowCounts, Source
from modelward.attest.predicates.slsa import STEP_BUILD_TYPE, BuildDefinition, Builder, RunDetails
from modelward.core.digest import Digest

MOMENT = "2026-11-22T09:14:00Z"


def root_of(name: str) -> str:
    """The set root of a dataset: of its name, so that a test can tell them apart."""
    return str(Digest.sha256(f"rows of {name}".encode()))


def snapshot_of(name: str, **fields: Any) -> Snapshot:
    return Snapshot(
        **{
            "dataset": name,
            "encoding": "modelward-rows/1",
            "rows": 4,
            "columns": (),
            "rows_root": root_of(name),
            "set_root": root_of(name),
            "shards": (),
            "index": str(Digest.sha256(name.encode())),
            "created_at": MOMENT,
        }
        | fields
    )


def step(name: str, operation: str, *origins: Digest, **fields: Any) -> Custody:
    return Custody(
        **{
            "dataset": name,
            "operation": operation,
            "inputs": tuple(Dataset(name=f"input{at}", digest=str(it)) for at, it in enumerate(origins)),
            "claim": "checked",
            "rows": RowCounts(input=4, output=4, dropped=0),
            "set_root": root_of(name),
            "performed_at": MOMENT,
        }
        | fields
    )


def collected(name: str, uri: str = "https://example.org", **fields: Any) -> Custody:
    return step(name, "collect", **{"claim": "declared", "source": Source(uri=uri)} | fields)


def filtered(name: str, *origins: Digest, **fields: Any) -> Custody:
    return step(name, "filter", *origins, **fields)


def trained(*data: Digest) -> Provenance:
    return Provenance(
        build_definition=BuildDefinition(
            build_type=STEP_BUILD_TYPE,
            external_parameters={"step": "train"},
            resolved_dependencies=tuple(
                ResourceDescriptor(name="input/data", digest=digest.as_set()) for digest in data
            ),
        ),
        run_details=RunDetails(builder=Builder(id="test")),
    )


def measured(data: Digest) -> Evaluation:
    return Evaluation(
        harness=Named(name="h", digest=str(Digest.sha256(b"h"))),
        data=Named(name="test", digest=str(data)),
        report=str(Digest.sha256(b"r")),
        metrics={"f1": 0.9},
        evaluated_at=MOMENT,
    )
