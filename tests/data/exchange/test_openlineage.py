from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import msgspec
from openlineage.client import event_v2 as client
from openlineage.client.generated.dataset_version_dataset import DatasetVersionDatasetFacet
from openlineage.client.generated.datasource_dataset import DatasourceDatasetFacet
from openlineage.client.generated.documentation_dataset import DocumentationDatasetFacet
from openlineage.client.generated.job_type_job import JobTypeJobFacet
from openlineage.client.generated.output_statistics_output_dataset import OutputStatisticsOutputDatasetFacet
from openlineage.client.generated.ownership_dataset import Owner, OwnershipDatasetFacet
from openlineage.client.generated.schema_dataset import SchemaDatasetFacet, SchemaDatasetFacetFields
from openlineage.client.serde import Serde

from modelward.data.exchange import openlineage
from modelward.data.exchange.facts import Description


def plain(event: Any) -> Any:
    """As the project's own client sends it."""
    return json.loads(Serde.to_json(event))


def test_events_are_those_that_openlineages_client_makes(described: Callable[[], Description]) -> None:
    dataset = described()
    producer: Any = {"producer": openlineage.PRODUCER}
    _, event = openlineage.write(dataset)
    custody = event["run"]["facets"].pop("modelward_custody")
    assert custody["claim"] == "checked"
    assert custody["statement"] == dataset.steps[0].statement
    assert custody["_schemaURL"].startswith("https://")
    fields = [
        SchemaDatasetFacetFields(field.name, field.arrow, ordinal_position=number)
        for number, field in enumerate(dataset.records[0].fields, 1)
    ]
    version = {"version": DatasetVersionDatasetFacet(dataset.subject, **producer)}
    expected = client.RunEvent(
        eventTime="2026-11-22T09:14:00Z",
        eventType=client.RunState.COMPLETE,
        run=client.Run(event["run"]["runId"], {}),
        job=client.Job(
            "modelward",
            "sms.filter",
            {"jobType": JobTypeJobFacet("BATCH", "MODELWARD", "FILTER", **producer)},
        ),
        inputs=[
            client.InputDataset(
                "modelward",
                "raw.csv",
                facets={"version": DatasetVersionDatasetFacet("sha256:" + "2b" * 32, **producer)},
            )
        ],
        outputs=[
            client.OutputDataset(
                "modelward",
                "sms",
                facets=version
                | {
                    "schema": SchemaDatasetFacet(fields, **producer),
                    "documentation": DocumentationDatasetFacet("Messages.", **producer),
                    "ownership": OwnershipDatasetFacet([Owner("Example Ltd", "CREATOR")], **producer),
                },
                outputFacets={"outputStatistics": OutputStatisticsOutputDatasetFacet(rowCount=3, **producer)},
            )
        ],
        **producer,
    )
    assert without_empty(event) == without_empty(plain(expected))


def without_empty(value: Any) -> Any:
    """The client writes {} and [] where nothing is said."""
    if isinstance(value, dict):
        return {key: inner for key, item in value.items() if (inner := without_empty(item)) not in ({}, [])}
    return [without_empty(item) for item in value] if isinstance(value, list) else value


def test_where_it_was_collected_is_a_data_source(described: Callable[[], Description]) -> None:
    first, _ = openlineage.write(described())
    facet = DatasourceDatasetFacet(
        "https://example.org/sms", "https://example.org/sms", producer=openlineage.PRODUCER
    )
    assert first["outputs"][0]["facets"]["dataSource"] == plain(facet)


def test_a_step_is_the_same_run_each_time(described: Callable[[], Description]) -> None:
    dataset = described()
    runs = [[event["run"]["runId"] for event in openlineage.write(dataset)] for _ in range(2)]
    assert runs[0] == runs[1]
    assert len({uuid.UUID(run) for run in runs[0]}) == 2


def test_without_custody_it_is_an_event_about_the_dataset(described: Callable[[], Description]) -> None:
    (event,) = openlineage.write(msgspec.structs.replace(described(), steps=()))
    expected = client.DatasetEvent(
        eventTime=event["eventTime"],
        dataset=client.StaticDataset("modelward", "sms", facets={}),
        producer=openlineage.PRODUCER,
    )
    assert plain(expected).keys() == event.keys()
    assert event["schemaURL"] == expected.schemaURL
