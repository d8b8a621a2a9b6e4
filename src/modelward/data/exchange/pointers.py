"""What stands in for data in other tools' repositories: DVC, Git LFS, lakeFS. Each names a digest and a size.

A pointer is a person's word about where data came from; only its digest can be held against bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from modelward.core import instant, strict_json
from modelward.core.errors import InputError, LimitExceeded
from modelward.data.exchange.facts import Agent, Description, File
from modelward.formats import yaml_config

MAX_BYTES = 8 << 20
MAX_FILES = 100_000
#: A Git LFS pointer is smaller than this, by its specification.
MAX_LFS_BYTES = 1024

LFS = b"version https://git-lfs.github.com/spec/v1\n"
_MD5 = re.compile(r"[0-9a-f]{32}(?:\.dir)?\Z")
_LFS_KEY = re.compile(r"[a-z0-9.-]+\Z")
_SIZE = re.compile(r"\d{1,18}\Z", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{64}\Z")
_STORE = re.compile(r"\"?([0-9a-f]{32})\"?\Z")


# --- Git LFS ----------------------------------------------------------------------------------------------


def read_lfs(data: bytes, where: str) -> Description:
    """A Git LFS pointer. Raises InputError."""
    if len(data) >= MAX_LFS_BYTES or not data.startswith(LFS):
        raise InputError("not a Git LFS pointer", where=where)
    pairs = {}
    for line in data.decode("utf-8", "replace").splitlines()[1:]:
        key, blank, value = line.partition(" ")
        if not blank or not _LFS_KEY.match(key) or key in pairs:
            raise InputError(f"not a line of a Git LFS pointer: {line[:80]!r}", where=where)
        pairs[key] = value
    kind, _, digest = pairs.get("oid", "").partition(":")
    if (
        kind != "sha256"
        or not re.fullmatch(r"[0-9a-f]{64}", digest)
        or not _SIZE.match(pairs.get("size", ""))
    ):
        raise InputError("the pointer names no sha256 and size", where=where, help="it has oid and size")
    file = File(path=where.rpartition("/")[2], sha256=digest, size=int(pairs["size"]))
    return Description(name=file.path, files=(file,))


# --- DVC --------------------------------------------------------------------------------------------------


def read_dvc(data: bytes, where: str) -> Description:
    """A `.dvc` file or `dvc.lock`: its outputs, and where an import came from. Raises InputError."""
    if len(data) > MAX_BYTES:
        raise LimitExceeded(f"over {MAX_BYTES >> 20} MiB", where=where)
    try:
        document = yaml_config.read(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise InputError("not UTF-8 text", where=where) from None
    trouble = document.trouble or (document.duplicates and f"{document.duplicates[0]!r} is there twice")
    top = document.values[0] if len(document.values) == 1 else None
    if trouble or not isinstance(top, dict):
        raise InputError(
            f"not a DVC file: {trouble or 'not one mapping'}",
            where=where,
            help="name a Croissant description, a .dvc file, dvc.lock, a Git LFS pointer or lakeFS metadata",
        )
    stages = top.get("stages")
    outputs, inputs = list(_entries(top, "outs")), list(_entries(top, "deps"))
    for stage in stages.values() if isinstance(stages, dict) else ():
        outputs += _entries(stage, "outs")
        inputs += _entries(stage, "deps")
    if not outputs:
        raise InputError("the DVC file has no outputs", where=where, help="name a .dvc file or dvc.lock")
    if len(outputs) > MAX_FILES:
        raise LimitExceeded(f"it names over {MAX_FILES} outputs", where=where)
    made = {str(entry.get("path")) for entry in outputs}
    origins = [origin for entry in inputs if entry.get("path") not in made and (origin := _dvc_origin(entry))]
    return Description(
        name=where.rpartition("/")[2].removesuffix(".dvc"),
        text=_text(top, "desc"),
        url=origins[0] if origins else "",
        derived_from=tuple(dict.fromkeys(origins)),
        files=tuple(_dvc_file(entry, where) for entry in outputs),
    )


def _entries(value: Any, key: str) -> Iterator[dict[str, Any]]:
    found = value.get(key) if isinstance(value, dict) else None
    return (entry for entry in found if isinstance(entry, dict)) if isinstance(found, list) else iter(())


def _dvc_file(entry: dict[str, Any], where: str) -> File:
    path, size = _text(entry, "path"), _text(entry, "size")
    md5 = _text(entry, "md5")
    if not path:
        raise InputError("an output of the DVC file has no path", where=where)
    if md5 and not _MD5.match(md5):
        raise InputError(f"the md5 of {path!r} is none", where=where)
    etag = _text(entry, "etag") or _text(entry, "checksum")
    return File(path=path, md5=md5, etag=etag, size=int(size) if _SIZE.match(size) else None)


def _dvc_origin(entry: dict[str, Any]) -> str:
    """Where an import came from: an address, or a path in a repository at a revision."""
    path, repository = _text(entry, "path"), entry.get("repo")
    if not isinstance(repository, dict):
        return path if "://" in path else ""
    revision = _text(repository, "rev_lock") or _text(repository, "rev")
    return f"{_text(repository, 'url')}{'@' + revision if revision else ''}#{path}"


# --- lakeFS -----------------------------------------------------------------------------------------------


def is_lakefs(value: Any) -> bool:
    """Whether this is what lakeFS says of an object, of objects, or of a commit."""
    if not isinstance(value, dict):
        return False
    results = value.get("results")
    first = results[0] if isinstance(results, list) and results else value
    return isinstance(first, dict) and bool({"physical_address", "meta_range_id"} & first.keys())


def read_lakefs(value: dict[str, Any], where: str) -> Description:
    """A commit, the metadata of an object, or a list of them, as lakeFS's API has them. Raises InputError."""
    if "meta_range_id" in value:
        return _lakefs_commit(value, where)
    results = value.get("results", [value])
    if not isinstance(results, list) or len(results) > MAX_FILES:
        raise LimitExceeded(f"over {MAX_FILES} objects", where=where)
    files = [_lakefs_object(item, where) for item in results if isinstance(item, dict)]
    if not files:
        raise InputError("lakeFS lists no objects", where=where)
    return Description(name=where.rpartition("/")[2], files=tuple(files))


def _lakefs_object(item: dict[str, Any], where: str) -> File:
    path, size, checksum = item.get("path"), item.get("size_bytes"), item.get("checksum")
    if not isinstance(path, str) or not path:
        raise InputError("an object has no path", where=where)
    return File(
        path=path,
        etag=checksum if isinstance(checksum, str) else "",
        size=size if isinstance(size, int) and size >= 0 else None,
        media=_text(item, "content_type"),
        url=_text(item, "physical_address"),
    )


def _lakefs_commit(value: dict[str, Any], where: str) -> Description:
    name = _text(value, "id")
    if not _COMMIT.match(name):
        raise InputError("the commit has no id", where=where, help="export it with lakectl or the API")
    moment = value.get("creation_date")
    created = ""
    if isinstance(moment, int) and 0 <= moment < 1 << 33:
        created = instant.render(datetime.fromtimestamp(moment, UTC))
    author = _text(value, "committer")
    return Description(
        name=where.rpartition("/")[2],
        text=_text(value, "message"),
        version=name,
        created=created,
        creators=(Agent(name=author),) if author else (),
    )


def etag_md5(etag: str) -> str:
    """The MD5 that a store's checksum may be, or an empty text."""
    match = _STORE.match(etag.lower())
    return match[1] if match else ""


def _text(value: dict[str, Any], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else str(found) if isinstance(found, int) else ""


def parse_json(data: bytes, where: str) -> Any:
    """The JSON in a file. Raises InputError."""
    return strict_json.loads(data, what=where)
