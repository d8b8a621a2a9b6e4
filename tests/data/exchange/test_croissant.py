from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.core.errors import InputError, LimitExceeded
from modelward.data.exchange import croissant
from modelward.data.exchange.facts import Agent, Description, Field, File, Files, Records, Step

#: Of pandas and rdflib, about what mlcroissant does with them.
unbothered = pytest.mark.filterwarnings("ignore")


def load(path: Path) -> Any:
    """What MLCommons's own library reads, offline."""
    import mlcroissant

    return mlcroissant.Dataset(path)


def encoded(dataset: Description) -> bytes:
    return json.dumps(croissant.write(dataset)).encode()


@unbothered
def test_mlcroissant_finds_it_valid_1_1_and_reads_its_rows(
    described: Callable[[], Description], tmp_path: Path
) -> None:
    dataset = described()
    path = tmp_path / "d" / "croissant.json"
    path.write_bytes(encoded(dataset))
    loaded = load(path)
    assert loaded.metadata.ctx.conforms_to.value == croissant.VERSION
    assert loaded.metadata.ctx.issues.errors == set()
    assert loaded.metadata.ctx.issues.warnings == set()
    assert loaded.metadata.license == list(dataset.licences)
    assert [(file.name, file.sha256) for file in loaded.metadata.file_objects] == [
        (file.path.rpartition("/")[2], file.sha256) for file in dataset.files
    ]
    rows = list(loaded.records("rows"))
    assert [(row["rows/text"], int(row["rows/n%20n"])) for row in rows] == [(b"hi", 1), (b"yo", 2)]
    assert rows[0]["rows/meta"] == {"rows/meta/lang": b"en", "rows/meta/score": 0.5}


@unbothered
@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".txt"])
def test_rows_of_one_file_are_read_through_the_description(
    described: Callable[[], Description], tmp_path: Path, suffix: str
) -> None:
    from modelward.data.exchange import describe
    from modelward.data.snapshot import take

    text = {".csv": "text\nhi\n", ".jsonl": '{"text": "hi"}\n', ".txt": "hi\n"}[suffix]
    (tmp_path / f"rows{suffix}").write_text(text)
    path = tmp_path / "croissant.json"
    path.write_bytes(encoded(describe.of_index(take(tmp_path / f"rows{suffix}", "one"))))
    assert list(load(path).records("rows")) == [{"rows/text": b"hi"}]


def test_what_is_written_is_read_again(described: Callable[[], Description]) -> None:
    dataset = described()
    assert croissant.read(encoded(dataset)) == dataset


texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
some = st.lists(texts, max_size=3, unique=True).map(tuple)
agents = st.builds(Agent, name=texts, url=st.just(""), kind=st.sampled_from(["Person", "Organization"]))
files = st.builds(
    File,
    path=texts,
    sha256=st.sampled_from(["", "ab" * 32]),
    md5=st.sampled_from(["", "cd" * 16]),
    size=st.none() | st.integers(0, 2**40),
    media=st.sampled_from(["", "text/csv"]),
    description=st.just("") | texts,
    inside=some,
)
names = st.text("abc /%é", min_size=1, max_size=6)
kinds = st.sampled_from(["sc:Text", "cr:Int64", "sc:Float", "prov:Agent"])
fields = st.builds(
    Field,
    name=names,
    types=st.lists(kinds, max_size=2, unique=True).map(tuple),
    arrow=st.sampled_from(["", "int64"]),
    source=st.just("shard"),
    column=names,
    array=st.booleans(),
    role=st.sampled_from(["", "wasAttributedTo"]),
)
records = st.builds(
    Records, name=names, fields=st.lists(fields, max_size=3, unique_by=lambda field: field.name).map(tuple)
)
descriptions = st.builds(
    Description,
    name=texts,
    text=st.just("") | texts,
    url=st.just("") | texts,
    version=st.just("") | texts,
    licences=some,
    creators=st.lists(agents, max_size=2).map(tuple),
    keywords=some,
    citation=st.just("") | texts,
    live=st.booleans(),
    derived_from=some,
    files=st.lists(files, max_size=2).map(tuple),
    sets=st.lists(st.builds(Files, name=texts, includes=some, excludes=some), max_size=2).map(tuple),
    records=st.lists(records, max_size=2).map(tuple),
    rows=st.none() | st.integers(0, 2**50),
    steps=st.lists(st.builds(Step, operation=texts, notes=texts), max_size=2).map(tuple),
)


@given(descriptions)
def test_no_description_is_changed_by_writing_and_reading(dataset: Description) -> None:
    assert croissant.read(encoded(dataset)) == dataset


#: As others write it: another prefix for Croissant, PROV-O, a person as a licence, version 1.0.
FOREIGN = {
    "@context": {
        "@language": "en",
        "@vocab": "https://schema.org/",
        "croissant": "http://mlcommons.org/croissant/",
        "prov": "http://www.w3.org/ns/prov#",
        "conformsTo": "http://purl.org/dc/terms/conformsTo",
    },
    "@type": "Dataset",
    "conformsTo": "http://mlcommons.org/croissant/1.0",
    "name": {"en": "films"},
    "license": {"@type": "CreativeWork", "name": "Own terms", "url": "https://example.org/terms"},
    "creator": [
        {"@type": "Person", "name": "Ann"},
        {"@type": "Organization", "name": "Lab", "url": "https://l"},
    ],
    "prov:wasDerivedFrom": {"@id": "urn:dataset:older"},
    "prov:wasGeneratedBy": {
        "@type": "prov:Activity",
        "prov:label": "Web crawl",
        "prov:endedAtTime": "2023-10-01T12:00:00Z",
        "prov:wasAssociatedWith": {"prov:label": "Crawler"},
    },
    "distribution": [
        {
            "@type": "croissant:FileObject",
            "@id": "films.zip",
            "contentUrl": "https://example.org/films.zip",
            "contentSize": "12 B",
            "encodingFormat": "application/zip",
            "sha256": "AB" * 32,
        },
        {
            "@type": "croissant:FileObject",
            "@id": "ratings",
            "contentUrl": "ratings.csv",
            "croissant:containedIn": {"@id": "films.zip"},
            "encodingFormat": "text/csv",
            "sha256": "https://example.org/why-there-is-none",
        },
        {"@type": "croissant:FileSet", "@id": "all", "croissant:includes": "*.csv"},
    ],
    "croissant:recordSet": {
        "@type": "croissant:RecordSet",
        "@id": "films",
        "croissant:key": {"@id": "films/id"},
        "croissant:field": [
            {
                "@type": "croissant:Field",
                "@id": "films/id",
                "croissant:dataType": {"@id": "https://schema.org/Integer"},
                "croissant:source": {
                    "croissant:fileObject": {"@id": "ratings"},
                    "croissant:extract": {"croissant:column": "movieId"},
                },
            }
        ],
    },
}


def test_names_of_others_are_understood_by_their_own_context() -> None:
    dataset = croissant.read(json.dumps(FOREIGN).encode())
    assert (dataset.name, dataset.licences) == ("films", ("Own terms",))
    assert dataset.creators == (Agent(name="Ann"), Agent(name="Lab", url="https://l", kind="Organization"))
    assert dataset.derived_from == ("urn:dataset:older",)
    assert dataset.steps == (Step(operation="Web crawl", at="2023-10-01T12:00:00Z", by="Crawler"),)
    archive, ratings = dataset.files
    assert (archive.sha256, archive.size) == ("ab" * 32, 12)
    assert (ratings.sha256, ratings.inside, ratings.url) == ("", ("films.zip",), "ratings.csv")
    assert dataset.sets == (Files(name="all", includes=("*.csv",)),)
    (table,) = dataset.records
    assert table.key == ("id",)
    assert table.fields == (Field(name="id", types=("sc:Integer",), source="ratings", column="movieId"),)
    assert croissant.versions(json.dumps(FOREIGN).encode()) == ("http://mlcommons.org/croissant/1.0",)


def test_what_both_hold_survives_reading_and_writing() -> None:
    dataset = croissant.read(json.dumps(FOREIGN).encode())
    assert croissant.read(encoded(dataset)) == dataset


def nested(depth: int) -> dict[str, Any]:
    field: dict[str, Any] = {"@type": "cr:Field", "@id": "f"}
    for _ in range(depth):
        field = {"@type": "cr:Field", "@id": "f", "subField": field}
    return {"@type": "cr:RecordSet", "@id": "r", "field": field}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"[]", "not a JSON-LD object"),
        (b"{}", "@type is not Dataset"),
        (b'{"@type": "Dataset", "@type": "x"}', "duplicate key"),
        (b'{"@type": "Dataset"}', "no name"),
        (b'{"@type": "Dataset", "name": "x", "modelward:rows": "many"}', "damaged"),
        (json.dumps({"@type": "Dataset", "name": "x", "recordSet": nested(30)}).encode(), "nest deeper"),
    ],
)
def test_what_is_no_description_is_refused(document: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        croissant.read(document)


def test_a_description_of_too_many_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(croissant, "MAX_FILES", 1)
    with pytest.raises(LimitExceeded):
        croissant.read(json.dumps(FOREIGN).encode())


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["@id", "@type", "name", "field", "source", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*FOREIGN, "recordSet", "modelward:rows", "sha256"]), values))
def test_hostile_documents_raise_only_input_errors(extra: dict[str, Any]) -> None:
    with contextlib.suppress(InputError):
        croissant.read(json.dumps(FOREIGN | extra).encode())
