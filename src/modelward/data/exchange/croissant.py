"""Croissant 1.1 (MLCommons), written and read; 1.0 is read too.

What Croissant has no word for (roots, rows, the exact Arrow type of a column, custody) stands under a prefix
of our own, which other readers leave alone; provenance stands in PROV-O too, as Croissant recommends.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import msgspec

from modelward.core import strict_json
from modelward.core.errors import InputError, LimitExceeded
from modelward.data.exchange.facts import Agent, Description, Field, File, Files, Records, Step
from modelward.data.exchange.json_ld import CONTEXT, CROISSANT, OURS, PROV, SCHEMA, TERMS, Names, Node

VERSION = "http://mlcommons.org/croissant/1.1"
MAX_BYTES = 32 << 20
MAX_FILES = 100_000
MAX_DEPTH = 16

_CUSTODY = {"custody": {"@id": "modelward:custody", "@type": "@json"}}
_OWN = ("rows", "subject", "rowsRoot", "setRoot", "index", "signer")


# --- writing ----------------------------------------------------------------------------------------------


def write(dataset: Description) -> dict[str, Any]:
    """The JSON-LD document. What is not known is left out, also where the specification requires it."""
    known = msgspec.to_builtins(dataset)
    document = {
        "@context": CONTEXT | _CUSTODY,
        "@type": "sc:Dataset",
        "conformsTo": VERSION,
        "name": dataset.name,
        "description": dataset.text,
        "url": dataset.url,
        "version": dataset.version,
        "license": list(dataset.licences),
        "creator": [_agent(agent) for agent in dataset.creators],
        "publisher": [_agent(agent) for agent in dataset.publishers],
        "keywords": list(dataset.keywords),
        "inLanguage": list(dataset.languages),
        "citeAs": dataset.citation,
        "sameAs": list(dataset.same_as),
        "dateCreated": dataset.created,
        "dateModified": dataset.modified,
        "datePublished": dataset.published,
        "isLiveDataset": dataset.live,
        "distribution": [_file(file) for file in dataset.files] + [_set(files) for files in dataset.sets],
        "recordSet": [_records(records, dataset) for records in dataset.records],
        "prov:wasDerivedFrom": [{"@id": name} for name in dataset.derived_from],
        "prov:wasGeneratedBy": [_activity(step) for step in dataset.steps],
        **{f"modelward:{name}": known[name] for name in _OWN if name in known},
    }
    return _filled(document)


def _agent(agent: Agent) -> dict[str, Any]:
    return _filled({"@type": f"sc:{agent.kind}", "name": agent.name, "url": agent.url})


def _file(file: File) -> dict[str, Any]:
    return _filled(
        {
            "@type": "cr:FileObject",
            "@id": file.path,
            "name": file.path.rpartition("/")[2],
            "description": file.description,
            "contentUrl": file.url or file.path,
            "contentSize": "" if file.size is None else f"{file.size} B",
            "containedIn": _references(file.inside),
            "encodingFormat": file.media,
            "sha256": file.sha256,
            **({"modelward:md5": file.md5} if file.sha256 else {"md5": file.md5}),
            "modelward:etag": file.etag,
        }
    )


def _set(files: Files) -> dict[str, Any]:
    return _filled(
        {
            "@type": "cr:FileSet",
            "@id": files.name,
            "name": files.name,
            "description": files.description,
            "containedIn": _references(files.inside),
            "encodingFormat": files.media,
            "includes": list(files.includes),
            "excludes": list(files.excludes),
        }
    )


def _records(records: Records, dataset: Description) -> dict[str, Any]:
    sets = {files.name for files in dataset.sets}
    return _filled(
        {
            "@type": "cr:RecordSet",
            "@id": records.name,
            "name": records.name,
            "description": records.description,
            "key": _references(_field_id(records.name, name) for name in records.key),
            "field": [_field(field, records.name, sets) for field in records.fields],
        }
    )


def _field(field: Field, above: str, sets: set[str]) -> dict[str, Any]:
    name = _field_id(above, field.name)
    return _filled(
        {
            "@type": "cr:Field",
            "@id": name,
            "name": field.name,
            "description": field.description,
            "dataType": list(field.types),
            "isArray": field.array,
            "arrayShape": "-1" if field.array else "",
            "equivalentProperty": f"prov:{field.role}" if field.role else "",
            "source": _source(field, sets),
            "subField": [_field(inner, name, sets) for inner in field.fields],
            "modelward:arrow": field.arrow,
        }
    )


def _field_id(above: str, name: str) -> str:
    return f"{above}/{quote(name, safe='')}"


def _source(field: Field, sets: set[str]) -> dict[str, Any]:
    if not field.source:
        return {}
    kind = "fileSet" if field.source in sets else "fileObject"
    if field.column:
        extract = {"extract": {"column": field.column}}
        extract |= {"transform": {"jsonPath": field.path}} if field.path else {}
    else:
        extract = {"extract": {"jsonPath": field.path} if field.path else {"fileProperty": "lines"}}
    return {kind: {"@id": field.source}, **extract}


def _activity(step: Step) -> dict[str, Any]:
    return _filled(
        {
            "@type": "prov:Activity",
            "@id": f"urn:modelward:statement:{step.statement}" if step.statement else "",
            "prov:label": step.operation,
            "prov:endedAtTime": step.at,
            "prov:wasAssociatedWith": {"@type": "prov:Agent", "prov:label": step.by} if step.by else {},
            "prov:used": [
                {
                    "@type": "prov:Entity",
                    "@id": f"urn:modelward:dataset:{thing.digest}",
                    "prov:label": thing.name,
                }
                for thing in step.inputs
            ],
            "custody": msgspec.to_builtins(step),
        }
    )


def _references(names: Iterable[str]) -> list[dict[str, str]]:
    return [{"@id": name} for name in names]


def _filled(value: dict[str, Any]) -> dict[str, Any]:
    """Without what says nothing; a list of one is that one."""
    kept = {key: inner for key, inner in value.items() if inner not in ("", [], {}, None, False)}
    single = ("license", "dataType", "includes", "excludes", "containedIn", "key")
    return {
        key: inner[0] if key in single and isinstance(inner, list) and len(inner) == 1 else inner
        for key, inner in kept.items()
    }


# --- reading ----------------------------------------------------------------------------------------------


def read(data: bytes, where: str = "croissant.json") -> Description:
    """What a Croissant document says. Raises InputError, LimitExceeded."""
    document = strict_json.loads(data, what=where, max_bytes=MAX_BYTES)
    if not isinstance(document, dict):
        raise InputError("not a JSON-LD object", where=where)
    root = Node(Names(document.get("@context")), document)
    if f"{SCHEMA}Dataset" not in root.types():
        raise InputError("not a description of a dataset: its @type is not Dataset", where=where)
    files = root.nodes(f"{SCHEMA}distribution")
    if len(files) > MAX_FILES:
        raise LimitExceeded(f"it describes over {MAX_FILES} files", where=where)
    name = root.text(f"{SCHEMA}name")
    if not name:
        raise InputError("the dataset has no name", where=where)
    own = root.plain(OURS)
    try:
        return Description(
            name=name,
            text=root.text(f"{SCHEMA}description"),
            url=root.text(f"{SCHEMA}url"),
            version=root.text(f"{SCHEMA}version"),
            licences=root.texts(f"{SCHEMA}license"),
            creators=_agents(root, "creator"),
            publishers=_agents(root, "publisher"),
            keywords=root.texts(f"{SCHEMA}keywords"),
            languages=root.texts(f"{SCHEMA}inLanguage"),
            citation=root.text(f"{CROISSANT}citeAs"),
            same_as=root.texts(f"{SCHEMA}sameAs"),
            created=root.text(f"{SCHEMA}dateCreated"),
            modified=root.text(f"{SCHEMA}dateModified"),
            published=root.text(f"{SCHEMA}datePublished"),
            live=root.flag(f"{CROISSANT}isLiveDataset"),
            derived_from=root.ids(f"{PROV}wasDerivedFrom"),
            files=tuple(_read_file(node) for node in files if _is(node, "FileObject")),
            sets=tuple(_read_set(node) for node in files if _is(node, "FileSet")),
            records=tuple(_read_records(node) for node in root.nodes(f"{CROISSANT}recordSet")),
            steps=tuple(_read_step(node) for node in root.nodes(f"{PROV}wasGeneratedBy")),
            rows=msgspec.convert(own.get("rows"), int | None),
            subject=_own_text(own, "subject"),
            rows_root=_own_text(own, "rowsRoot"),
            set_root=_own_text(own, "setRoot"),
            index=_own_text(own, "index"),
            signer=_own_text(own, "signer"),
        )
    except msgspec.ValidationError as error:
        raise InputError(f"a property of modelward's own is damaged: {error}", where=where) from None


def versions(data: bytes) -> tuple[str, ...]:
    """The specifications that a document says it conforms to. Raises InputError."""
    document = strict_json.loads(data, max_bytes=MAX_BYTES)
    value = document if isinstance(document, dict) else {}
    return Node(Names(value.get("@context")), value).ids(f"{TERMS}conformsTo")


def _is(node: Node, kind: str) -> bool:
    return bool(node.types() & {CROISSANT + kind, SCHEMA + kind})


def _own_text(own: dict[str, Any], name: str) -> str:
    return msgspec.convert(own.get(name, ""), str)


def _agents(root: Node, name: str) -> tuple[Agent, ...]:
    nodes = root.nodes(SCHEMA + name)
    if not nodes:
        return tuple(Agent(name=text) for text in root.texts(SCHEMA + name))
    return tuple(
        Agent(
            name=node.text(f"{SCHEMA}name") or node.id,
            url=node.text(f"{SCHEMA}url"),
            kind=next(
                (kind.removeprefix(SCHEMA) for kind in node.types() if kind.startswith(SCHEMA)), "Person"
            ),
        )
        for node in nodes
    )


def _read_file(node: Node) -> File:
    name = node.id or node.text(f"{SCHEMA}name")
    url = node.text(f"{SCHEMA}contentUrl")
    size = node.text(f"{SCHEMA}contentSize").removesuffix("B").strip()
    sha256, md5 = (
        node.text(f"{SCHEMA}sha256").lower(),
        node.text(f"{CROISSANT}md5") or node.text(f"{SCHEMA}md5"),
    )
    md5 = (md5 or node.text(f"{OURS}md5")).lower()
    return File(
        path=name or url,
        url=url if url != name else "",
        description=node.text(f"{SCHEMA}description"),
        sha256=sha256 if _is_hex(sha256, 64) else "",  # some give the address of an excuse
        md5=md5 if _is_hex(md5, 32) else "",
        etag=node.text(f"{OURS}etag"),
        size=int(size) if size.isdecimal() and size.isascii() and len(size) < 19 else None,
        media=node.text(f"{SCHEMA}encodingFormat"),
        inside=_inside(node),
    )


def _is_hex(text: str, length: int) -> bool:
    return len(text) == length and all(character in "0123456789abcdef" for character in text)


def _inside(node: Node) -> tuple[str, ...]:
    return node.ids(f"{CROISSANT}containedIn") or node.ids(f"{SCHEMA}containedIn")


def _read_set(node: Node) -> Files:
    return Files(
        name=node.id or node.text(f"{SCHEMA}name"),
        includes=node.texts(f"{CROISSANT}includes"),
        excludes=node.texts(f"{CROISSANT}excludes"),
        media=node.text(f"{SCHEMA}encodingFormat"),
        description=node.text(f"{SCHEMA}description"),
        inside=_inside(node),
    )


def _read_records(node: Node) -> Records:
    name = node.id or node.text(f"{SCHEMA}name")
    fields = {field.id: _read_field(field, 0) for field in node.nodes(f"{CROISSANT}field")}
    keys = node.ids(f"{CROISSANT}key")
    return Records(
        name=name,
        description=node.text(f"{SCHEMA}description"),
        key=tuple(fields[key].name if key in fields else key for key in keys),
        fields=tuple(fields.values()),
    )


def _read_field(node: Node, depth: int) -> Field:
    if depth >= MAX_DEPTH:
        raise LimitExceeded(f"fields nest deeper than {MAX_DEPTH} levels")
    source = next(iter(node.nodes(f"{CROISSANT}source")), None)
    extract = next(iter(source.nodes(f"{CROISSANT}extract")), None) if source else None
    transform = next(iter(source.nodes(f"{CROISSANT}transform")), None) if source else None
    roles = [name for name in node.names(f"{CROISSANT}equivalentProperty") if name.startswith(PROV)]
    path = f"{CROISSANT}jsonPath"
    return Field(
        name=node.text(f"{SCHEMA}name") or node.id.rpartition("/")[2],
        types=tuple(_short(name) for name in node.names(f"{CROISSANT}dataType")),
        arrow=node.text(f"{OURS}arrow"),
        description=node.text(f"{SCHEMA}description"),
        source=_first(source, "fileSet", "fileObject", "field"),
        column=extract.text(f"{CROISSANT}column") if extract else "",
        path=(extract.text(path) if extract else "") or (transform.text(path) if transform else ""),
        array=node.flag(f"{CROISSANT}isArray") or node.flag(f"{CROISSANT}repeated"),
        role=roles[0].removeprefix(PROV) if roles else "",
        fields=tuple(_read_field(inner, depth + 1) for inner in node.nodes(f"{CROISSANT}subField")),
    )


def _first(node: Node | None, *names: str) -> str:
    return next((found for name in names if node for found in node.ids(CROISSANT + name)), "")


def _short(name: str) -> str:
    for prefix, begin in (("sc", SCHEMA), ("cr", CROISSANT), ("prov", PROV)):
        if name.startswith(begin):
            return f"{prefix}:{name.removeprefix(begin)}"
    return name


def _read_step(node: Node) -> Step:
    custody = node.plain(OURS).get("custody")
    if custody is not None:
        return msgspec.convert(custody, Step)
    agents = node.nodes(f"{PROV}wasAssociatedWith")
    return Step(
        operation=node.text(f"{PROV}label") or node.text(f"{SCHEMA}name") or node.id or "activity",
        at=node.text(f"{PROV}endedAtTime"),
        by=next((agent.text(f"{PROV}label") or agent.id for agent in agents), ""),
    )
