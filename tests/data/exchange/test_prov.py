from __future__ import annotations

import json
from collections.abc import Callable

from prov.model import ProvAssociation, ProvDerivation, ProvDocument, ProvEntity, ProvGeneration, ProvUsage

from modelward.data.exchange import prov
from modelward.data.exchange.facts import Description


def test_the_prov_package_reads_the_graph(described: Callable[[], Description]) -> None:
    dataset = described()
    document = ProvDocument.deserialize(content=json.dumps(prov.write(dataset)), format="json")
    entities = {str(entity.identifier) for entity in document.get_records(ProvEntity)}
    assert {dataset.subject, "sha256:" + "2b" * 32} <= entities
    (derived, primary) = document.get_records(ProvDerivation)
    assert [str(value) for _, value in derived.formal_attributes[:2]] == [
        dataset.subject,
        "sha256:" + "2b" * 32,
    ]
    assert "prov:PrimarySource" in {str(kind) for kind in primary.get_asserted_types()}
    assert len(list(document.get_records(ProvGeneration))) == 2
    assert len(list(document.get_records(ProvUsage))) == 1
    agents = {str(record.formal_attributes[1][1]) for record in document.get_records(ProvAssociation)}
    assert agents == {"agent:dora", "agent:ed", "sha256:" + "4d" * 32}
    assert ProvDocument.deserialize(content=document.serialize(format="json"), format="json") == document


def test_names_of_strangers_stay_names() -> None:
    from modelward.data.exchange.facts import Step

    step = Step(
        operation="collect", statement="sha256:1", subject="sha256:2", by='x" : {', at="2026-11-22T09:14:00Z"
    )
    written = prov.write(Description(name="d", subject="sha256:2", steps=(step,)))
    document = ProvDocument.deserialize(content=json.dumps(written), format="json")
    assert "agent:x%22%20%3A%20%7B" in {str(record.identifier) for record in document.get_records()}
