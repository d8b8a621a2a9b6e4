from __future__ import annotations

import pytest

from modelward.data.exchange.json_ld import CONTEXT, CROISSANT, SCHEMA, Names, Node


@pytest.mark.parametrize(
    ("context", "short", "full"),
    [
        (CONTEXT, "name", f"{SCHEMA}name"),
        (CONTEXT, "sc:name", f"{SCHEMA}name"),
        (CONTEXT, "recordSet", f"{CROISSANT}recordSet"),
        (CONTEXT, "https://schema.org/name", f"{SCHEMA}name"),
        (CONTEXT, "unknown:name", "unknown:name"),
        (CONTEXT, "@id", "@id"),
        ("https://example.org/context.jsonld", "recordSet", f"{CROISSANT}recordSet"),
        (None, "cr:md5", f"{CROISSANT}md5"),
        ([{"c": CROISSANT}, {"rs": {"@id": "c:recordSet"}}], "rs", f"{CROISSANT}recordSet"),
    ],
)
def test_short_names_become_full_ones(context: object, short: str, full: str) -> None:
    assert Names(context).iri(short) == full


def test_a_context_that_names_itself_ends() -> None:
    assert Names({"a": "b:x", "b": "a:x"}).iri("a")


def test_texts_of_objects_are_their_value_name_or_identity() -> None:
    node = Node(
        Names(CONTEXT),
        {
            "license": [{"@id": "urn:l"}, {"name": {"en": "N"}}, "T", {"@value": "V"}, {"fr": "F"}, 7, None],
            "isLiveDataset": "true",
        },
    )
    assert node.texts(f"{SCHEMA}license") == ("urn:l", "N", "T", "V", "F", "7")
    assert node.flag(f"{CROISSANT}isLiveDataset")
    assert (node.text(f"{SCHEMA}name"), node.nodes(f"{SCHEMA}name"), node.id) == ("", (), "")
