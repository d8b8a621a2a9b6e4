"""`https://HOST/FILE`: one file on a web server."""

from __future__ import annotations

from contextlib import ExitStack, closing
from posixpath import basename
from urllib.parse import unquote, urlsplit

from modelward.formats.remote import Meter, RangeSource, RemoteArtifact, RemoteFile
from modelward.integrations.http import Client, shown
from modelward.integrations.ranges import RangedFile


def find(url: str) -> RemoteArtifact:
    """The file at `url`. Raises InputError."""
    meter = Meter()
    with ExitStack() as stack:
        client = stack.enter_context(closing(Client()))
        file = RangedFile(client, url, meter)
        size = file.measure()
        close = stack.pop_all().close
    name = unquote(basename(urlsplit(url).path)) or "index"
    declared = f"etag:{file.validator}" if file.validator and '"' in file.validator else None
    entry = RemoteFile(name, size, lambda: RangeSource(size, file, shown(url)))
    return RemoteArtifact(shown(url), [entry], meter, declared, close=close)
