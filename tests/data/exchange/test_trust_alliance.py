from __future__ import annotations

from collections.abc import Callable

import msgspec

from modelward.data.exchange import trust_alliance
from modelward.data.exchange.facts import Description, Step
from modelward.data.exchange.trust_alliance import Area, Code, Source, Standard, Use


def test_custody_fills_the_fields(described: Callable[[], Description]) -> None:
    document = trust_alliance.write(described())
    assert trust_alliance.missing(document) == []
    assert document["source"]["issuer"] == [{"name": "Example Ltd"}]
    assert document["provenance"] == {
        "source": "urn:modelward:dataset:sha256:" + "2b" * 32 + " https://example.org/sms",
        "origin": [{"name": "Example Ltd"}],
        "origin-geography": [{"country": "NL"}],
        "date": "2026-11-22T09:14:00Z",
        "generation-period": {"start": "2026-11-20T00:00:00Z", "end": "2026-11-20T00:00:00Z"},
        "generation-method": [
            {"code": "crawl", "system": trust_alliance.OPERATIONS},
            {"code": "filter", "system": trust_alliance.OPERATIONS},
        ],
        "format": ["application/x-parquet"],
    }
    assert document["use"] == {
        "classification": [{"regulation": {"code": "pseudonymous"}, "evaluated": True}],
        "consents": ["terms of 2026"],
        "license": "https://creativecommons.org/licenses/by/4.0/",
    }


def test_there_are_the_standards_keys_and_no_others() -> None:
    groups = [trust_alliance.Source, trust_alliance.Provenance, trust_alliance.Use]
    assert [len(group.__struct_fields__) for group in groups] == [6, 8, 12]


def test_a_declaration_fills_what_is_unknown_and_replaces_nothing(
    described: Callable[[], Description],
) -> None:
    said = Standard(
        source=Source(title="another name"),
        use=Use(
            intended_purpose=(Code(code="training", description="of filters"),),
            storage_allowed=(Area(country="NL"),),
        ),
    )
    document = trust_alliance.write(described(), said)
    assert document["source"]["title"] == "sms"
    assert document["use"]["intended-purpose"] == [{"code": "training", "description": "of filters"}]
    assert document["use"]["storage-allowed"] == [{"country": "NL"}]


def test_nothing_is_made_up() -> None:
    document = trust_alliance.write(Description(name="x"))
    assert document == {"source": {"version": "1.0.0", "title": "x"}, "provenance": {}, "use": {}}
    assert trust_alliance.missing(document) == [
        "source.id",
        "source.issuer",
        "source.description",
        "provenance.origin-geography",
        "provenance.date",
        "provenance.generation-method",
    ]


def test_redaction_is_a_privacy_measure(described: Callable[[], Description]) -> None:
    step = Step(operation="redact", claim="checked", parameters={"by": "names"})
    document = trust_alliance.write(msgspec.structs.replace(described(), steps=(step,)))
    assert document["use"]["privacy-indicators"] == [
        {
            "tool": {"code": "redact", "system": trust_alliance.OPERATIONS},
            "parameters": "by=names",
            "result": "checked",
        }
    ]
