"""`hf://ORG/NAME[@REVISION][/PATH]`: a repository of a Hugging Face hub, at one commit.

`HF_ENDPOINT` names another hub than huggingface.co, `HF_TOKEN` the user's token, which goes to that hub and
nowhere else. The revision is resolved to a commit first, so that all files are of the same one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

from msgspec.structs import replace

from modelward.core import strict_json
from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.remote import Meter, RangeSource, RemoteArtifact, RemoteFile
from modelward.integrations.http import Client, shown
from modelward.integrations.ranges import RangedFile, refused

ENDPOINT = "https://huggingface.co"
MAX_PAGES = 1000
MAX_ANSWER_BYTES = 32 << 20

_NAME = re.compile(
    r"hf://(?:(datasets|spaces|models)/)?(\w[\w.-]*/\w[\w.-]*)(?:@([^/@]+))?(?:/(.*))?", re.ASCII
)
_COMMIT = re.compile("[0-9a-f]{40}")
_NEXT = re.compile(r'<([^<>]+)>\s*;\s*rel="?next"?')


@dataclass(slots=True)
class _Repository:
    """One repository of a hub."""

    url: str
    kind: str
    name: str
    client: Client = field(default_factory=Client)
    meter: Meter = field(default_factory=Meter)
    endpoint: str = field(default_factory=lambda: os.environ.get("HF_ENDPOINT", ENDPOINT).rstrip("/"))

    @property
    def secret(self) -> dict[str, str]:
        """The token, if the user has one."""
        token = os.environ.get("HF_TOKEN", "").strip()
        return {"Authorization": f"Bearer {token}"} if token and token.isprintable() else {}

    def json(self, url: str) -> tuple[Any, str | None]:
        """A JSON answer of the hub, and the address of the next page. Raises InputError."""
        with self.client.get(url, secret=self.secret) as answer:
            if answer.status != 200:
                raise refused(answer.status, shown(url))
            data = answer.read(MAX_ANSWER_BYTES)
            following = _NEXT.search(answer.headers.get("Link", ""))
        return strict_json.loads(data, what=shown(url)), following[1] if following else None

    def commit(self, revision: str) -> str:
        """The commit that a revision stands for. Raises InputError."""
        document, _ = self.json(
            f"{self.endpoint}/api/{self.kind}/{self.name}/revision/{quote(revision, safe='')}"
        )
        commit = document.get("sha") if isinstance(document, dict) else None
        if not isinstance(commit, str) or not _COMMIT.fullmatch(commit):
            raise InputError("the hub does not say which commit this is", where=self.url)
        return commit

    def listing(self, commit: str) -> Iterator[tuple[str, int, str | None]]:
        """Path, size and, for a large file, SHA-256 of every file. Raises InputError."""
        address: str | None = f"{self.endpoint}/api/{self.kind}/{self.name}/tree/{commit}?recursive=true"
        for _ in range(MAX_PAGES):
            if address is None:
                return
            page, following = self.json(address)
            for entry in page if isinstance(page, list) else [None]:
                yield from _file(entry, self.url)
            address = following and urljoin(address, following)
            if address and urlsplit(address)[:2] != urlsplit(self.endpoint)[:2]:
                raise InputError("the hub's listing goes on at another server", where=self.url)
        raise LimitExceeded(f"the repository's listing has over {MAX_PAGES} pages", where=self.url)

    def file(self, commit: str, path: str, size: int) -> RemoteFile:
        """A file of a commit."""
        kind = "" if self.kind == "models" else f"{self.kind}/"
        url = f"{self.endpoint}/{kind}{self.name}/resolve/{commit}/{quote(path)}"

        def source() -> RangeSource:
            ranged = RangedFile(self.client, url, self.meter, secret=self.secret, size=size)
            return RangeSource(size, ranged, shown(url))

        return RemoteFile(path, size, source)


def find(url: str) -> RemoteArtifact:
    """The files that `url` stands for. Raises InputError."""
    match = _NAME.fullmatch(url)
    if match is None:
        raise InputError("not the address of a repository", where=url, help="hf://ORG/NAME[@REVISION][/PATH]")
    repository = _Repository(url, match[1] or "models", match[2])
    with ExitStack() as stack:
        stack.callback(repository.client.close)
        artifact = _artifact(repository, unquote(match[3] or "main"), (match[4] or "").strip("/"))
        return replace(artifact, close=stack.pop_all().close)


def _artifact(repository: _Repository, revision: str, wanted: str) -> RemoteArtifact:
    """The files of a revision that are `wanted`, or lie below it."""
    url = repository.url
    commit = repository.commit(revision)
    entries = [
        entry
        for entry in repository.listing(commit)
        if not wanted or entry[0] == wanted or entry[0].startswith(f"{wanted}/")
    ]
    if not entries:
        raise InputError("the repository has no such file", where=url, help=f"looked at commit {commit}")
    declared = f"gitCommit:{commit}"
    if len(entries) == 1 and entries[0][0] == wanted and entries[0][2]:
        declared = f"sha256:{entries[0][2]}"
    files = [repository.file(commit, path, size) for path, size, _ in entries]
    return RemoteArtifact(url, files, repository.meter, declared)


def _file(entry: Any, where: str) -> Iterator[tuple[str, int, str | None]]:
    """One entry of a listing, if it is a file."""
    if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
        raise InputError("the hub's listing cannot be read", where=where)
    if entry.get("type") != "file":
        return
    lfs = entry.get("lfs")
    size, digest = entry.get("size"), None
    if isinstance(lfs, dict):
        size, digest = lfs.get("size", size), lfs.get("oid")
    if type(size) is not int or size < 0:
        raise InputError("the hub's listing has a file without a size", where=where)
    sound = isinstance(digest, str) and re.fullmatch("[0-9a-f]{64}", digest)
    yield entry["path"], size, digest if sound else None
