"""OpenLineage events: the end of a run for each step of custody, or a dataset event where there is none.

The digests, the claim and the statement stand in a facet of our own, which the standard allows.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from modelward.core import instant
from modelward.data.exchange.facts import Description, Step, Thing

PRODUCER = "https://modelward.dev"
NAMESPACE = "modelward"

_SPEC = "https://openlineage.io/spec"
_CORE = f"{_SPEC}/2-0-2/OpenLineage.json#/$defs"
#: Version of each facet's own schema.
_FACETS = {
    "SchemaDatasetFacet": "1-2-0",
    "DatasetVersionDatasetFacet": "1-0-1",
    "DocumentationDatasetFacet": "1-1-0",
    "DatasourceDatasetFacet": "1-0-1",
    "OwnershipDatasetFacet": "1-0-1",
    "OutputStatisticsOutputDatasetFacet": "1-0-2",
    "InputStatisticsInputDatasetFacet": "1-0-0",
    "JobTypeJobFacet": "2-0-4",
    "DocumentationJobFacet": "1-1-0",
}


def write(dataset: Description) -> list[dict[str, Any]]:
    """The events, oldest first."""
    steps = [step for step in reversed(dataset.steps) if step.subject]
    if not steps:
        return [_dataset_event(dataset)]
    return [_run_event(step, dataset) for step in steps]


def _dataset_event(dataset: Description) -> dict[str, Any]:
    return {
        "eventTime": instant.render(instant.now()),
        "producer": PRODUCER,
        "schemaURL": f"{_CORE}/DatasetEvent",
        "dataset": _dataset(dataset.name, dataset.subject, dataset),
    }


def _run_event(step: Step, dataset: Description) -> dict[str, Any]:
    """The end of a run. Its id follows from the statement, so that the same step is always the same run."""
    own = dataset if step.subject == dataset.subject else None
    output = _dataset(step.dataset, step.subject, own, step)
    statistics = _facet("OutputStatisticsOutputDatasetFacet", rowCount=step.rows_out)
    if own and own.files and all(file.size is not None for file in own.files):
        statistics["size"] = sum(file.size or 0 for file in own.files)
    output["outputFacets"] = {"outputStatistics": statistics}
    return {
        "eventTime": step.at,
        "eventType": "COMPLETE",
        "producer": PRODUCER,
        "schemaURL": f"{_CORE}/RunEvent",
        "run": {
            "runId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:modelward:statement:{step.statement}")),
            "facets": {"modelward_custody": _custody(step)},
        },
        "job": {"namespace": NAMESPACE, "name": f"{step.dataset}.{step.operation}", "facets": _job(step)},
        "inputs": [_input(thing) for thing in step.inputs],
        "outputs": [output],
    }


def _job(step: Step) -> dict[str, Any]:
    facets = {
        "jobType": _facet(
            "JobTypeJobFacet", processingType="BATCH", integration="MODELWARD", jobType=step.operation.upper()
        )
    }
    if step.notes:
        facets["documentation"] = _facet("DocumentationJobFacet", description=step.notes)
    return facets


def _input(thing: Thing) -> dict[str, Any]:
    return _dataset(thing.name, thing.digest)


def _dataset(
    name: str, digest: str, described: Description | None = None, step: Step | None = None
) -> dict[str, Any]:
    facets = {"version": _facet("DatasetVersionDatasetFacet", datasetVersion=digest)} if digest else {}
    if described:
        facets["schema"] = _facet("SchemaDatasetFacet", fields=list(_fields(described)))
        if described.text:
            facets["documentation"] = _facet("DocumentationDatasetFacet", description=described.text)
        if described.creators:
            owners = [{"name": agent.name, "type": "CREATOR"} for agent in described.creators]
            facets["ownership"] = _facet("OwnershipDatasetFacet", owners=owners)
    if step and step.source:
        facets["dataSource"] = _facet("DatasourceDatasetFacet", name=step.source, uri=step.source)
    return {"namespace": NAMESPACE, "name": name, "facets": facets}


def _fields(dataset: Description) -> Iterable[dict[str, Any]]:
    fields = [field for records in dataset.records for field in records.fields]
    for number, field in enumerate(fields, 1):
        kind = field.arrow or " ".join(field.types)
        yield {"name": field.name, "type": kind, "ordinal_position": number, "fields": []}


def _custody(step: Step) -> dict[str, Any]:
    """What no standard facet holds."""
    facts = {
        "statement": step.statement,
        "claim": step.claim,
        "signer": step.by,
        "rowsDropped": step.rows_dropped,
        "rowsRoot": step.rows_root,
        "setRoot": step.set_root,
        "licence": step.licence,
        "consent": step.consent,
        "parameters": step.parameters,
    }
    schema = f"{PRODUCER}/openlineage/1-0-0/CustodyRunFacet.json"
    return {"_producer": PRODUCER, "_schemaURL": schema} | {
        key: value for key, value in facts.items() if value
    }


def _facet(kind: str, **values: Any) -> dict[str, Any]:
    schema = f"{_SPEC}/facets/{_FACETS[kind]}/{kind}.json#/$defs/{kind}"
    return {"_producer": PRODUCER, "_schemaURL": schema, **values}
