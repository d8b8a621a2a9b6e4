"""Finding what an address stands for."""

from __future__ import annotations

from importlib import import_module

from modelward.core.errors import InputError
from modelward.formats.remote import RemoteArtifact

#: Scheme -> the module that knows it.
SCHEMES = {
    "hf": "huggingface",
    "s3": "objects",
    "gs": "objects",
    "az": "objects",
    "oci": "oci",
    "https": "web",
    "http": "web",
}


def find(url: str) -> RemoteArtifact:
    """The remote files that `url` stands for, not yet read. Raises InputError."""
    scheme = url.partition("://")[0]
    if scheme not in SCHEMES:
        known = ", ".join(f"{name}://" for name in SCHEMES)
        raise InputError(f"there is no way to read {scheme}://", where=url, help=f"known: {known}")
    found: RemoteArtifact = import_module(f"modelward.integrations.{SCHEMES[scheme]}").find(url)
    return found
