"""`oci://HOST/REPOSITORY:TAG` or `@sha256:HEX`: an artifact of an OCI registry (distribution spec 1.1).

Its layers are the files. Passwords come from Docker's `config.json`; no credential helper is run. They go to
the registry, and to a token server only if that is of the registry's own domain.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from modelward.core import strict_json
from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.remote import Meter, RangeSource, RemoteArtifact, RemoteFile
from modelward.integrations.http import Client, is_loopback, shown
from modelward.integrations.ranges import RangedFile, refused

MAX_MANIFEST_BYTES = 4 << 20
MAX_MANIFESTS = 64
MAX_TOKEN_BYTES = 1 << 20

_REFERENCE = re.compile(
    r"oci://([\w.-]+(?::\d+)?|\[[0-9a-f:]+\](?::\d+)?)/([a-z0-9._/-]+?)(?::([\w.-]{1,128}))?(?:@(sha256:[0-9a-f]{64}))?",
    re.ASCII,
)
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_DIGEST = re.compile("sha256:[0-9a-f]{64}")
_TITLE = "org.opencontainers.image.title"
_ACCEPT = ", ".join(
    (
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    )
)


@dataclass(slots=True)
class _Repository:
    """One repository of a registry."""

    host: str
    name: str
    where: str
    client: Client = field(default_factory=Client)
    meter: Meter = field(default_factory=Meter)
    secret: dict[str, str] = field(default_factory=dict)

    @property
    def root(self) -> str:
        """The address that manifests and blobs are under."""
        scheme = "http" if is_loopback(urlsplit(f"//{self.host}").hostname) else "https"
        return f"{scheme}://{self.host}/v2/{self.name}"

    def manifest(self, reference: str) -> tuple[Any, Digest]:
        """A manifest by tag or digest, and the digest of its bytes. Raises InputError."""
        url = f"{self.root}/manifests/{reference}"
        for _ in range(2):
            with self.client.get(url, headers={"Accept": _ACCEPT}, secret=self.secret) as answer:
                if answer.status == 401 and not self.secret:
                    challenge, outside = answer.headers.get("WWW-Authenticate", ""), answer.outside
                elif answer.status != 200:
                    raise refused(answer.status, shown(url))
                else:
                    data = answer.read(MAX_MANIFEST_BYTES)
                    break
            self.secret = {"Authorization": self._authorization(challenge, outside)}
        else:
            raise refused(401, shown(url))
        digest = Digest.sha256(data)
        if ":" in reference and str(digest) != reference:
            raise InputError("the registry gives another manifest than was asked for", where=self.where)
        return strict_json.loads(data, what=shown(url)), digest

    def _authorization(self, challenge: str, outside: bool) -> str:
        kind, _, rest = challenge.partition(" ")
        password = _password(self.host)
        if kind.lower() == "basic" and password:
            return f"Basic {password}"
        said = dict(_CHALLENGE.findall(rest))
        if kind.lower() != "bearer" or "realm" not in said:
            raise refused(401, self.where)
        query = {"scope": f"repository:{self.name}:pull"} | {k: said[k] for k in ("service",) if k in said}
        realm = said["realm"]
        own = _same_domain(urlsplit(realm).hostname or "", urlsplit(f"//{self.host}").hostname or "")
        secret = {"Authorization": f"Basic {password}"} if password and own else {}
        with self.client.get(f"{realm}?{urlencode(query)}", secret=secret, outside=outside) as answer:
            if answer.status != 200:
                raise refused(answer.status, shown(realm))
            document = strict_json.loads(answer.read(MAX_TOKEN_BYTES), what=shown(realm))
        token = document.get("token") or document.get("access_token") if isinstance(document, dict) else None
        if not isinstance(token, str) or not token.isprintable():
            raise InputError("the registry's token server gives no token", where=shown(realm))
        return f"Bearer {token}"

    def file(self, layer: Any, number: int) -> RemoteFile:
        """A layer as a file. Raises InputError."""
        digest = layer.get("digest") if isinstance(layer, dict) else None
        size = layer.get("size") if isinstance(layer, dict) else None
        if not isinstance(digest, str) or not _DIGEST.fullmatch(digest) or type(size) is not int or size < 0:
            raise InputError("the manifest has a layer without digest or size", where=self.where)
        notes = layer.get("annotations")
        title = notes.get(_TITLE) if isinstance(notes, dict) else None
        url = f"{self.root}/blobs/{digest}"

        def source() -> RangeSource:
            ranged = RangedFile(self.client, url, self.meter, secret=self.secret, size=size)
            return RangeSource(size, ranged, shown(url))

        return RemoteFile(title if isinstance(title, str) and title else f"layer-{number}", size, source)


def find(url: str) -> RemoteArtifact:
    """The layers of the artifact at `url`. Raises InputError."""
    match = _REFERENCE.fullmatch(url)
    if match is None:
        raise InputError("not the address of an artifact", where=url, help="oci://HOST/REPOSITORY:TAG")
    repository = _Repository(match[1], match[2], url)
    with ExitStack() as stack:
        stack.callback(repository.client.close)
        document, digest = repository.manifest(match[4] or match[3] or "latest")
        layers = list(_layers(repository, document, [MAX_MANIFESTS]))
        files = [repository.file(layer, number) for number, layer in enumerate(layers)]
        return RemoteArtifact(url, files, repository.meter, str(digest), close=stack.pop_all().close)


def _layers(repository: _Repository, document: Any, left: list[int]) -> Iterator[Any]:
    """The layers of a manifest, or of all that an index names."""
    left[0] -= 1
    if left[0] < 0:
        raise LimitExceeded(f"it has over {MAX_MANIFESTS} manifests", where=repository.where)
    if not isinstance(document, dict):
        raise InputError("the manifest is no object", where=repository.where)
    for entry in _list(document.get("manifests")):
        reference = entry.get("digest") if isinstance(entry, dict) else None
        if not isinstance(reference, str) or not _DIGEST.fullmatch(reference):
            raise InputError("the index names a manifest without a digest", where=repository.where)
        yield from _layers(repository, repository.manifest(reference)[0], left)
    yield from _list(document.get("layers"))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _same_domain(one: str, other: str) -> bool:
    """Whether two hosts are one, or have names (not numbers) below one domain."""
    last = one.split(".")[-2:]
    return one == other or (len(last) == 2 and not last[1].isdigit() and last == other.split(".")[-2:])


def _password(host: str) -> str | None:
    """What Docker's configuration holds for a registry: base64 of user and password."""
    folder = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    try:
        auths = json.loads((folder / "config.json").read_bytes()).get("auths", {})
        found = auths.get(host, {}).get("auth")
    except (OSError, ValueError, AttributeError):
        return None
    return found if isinstance(found, str) and re.fullmatch(r"[A-Za-z0-9+/=]+", found) else None
