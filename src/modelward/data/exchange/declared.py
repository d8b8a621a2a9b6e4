"""What a person declares of a dataset beside its custody: a TOML file, or a Croissant description of before.

It fills what snapshot and custody do not know; it never replaces what they do.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from modelward.core.errors import InputError, LimitExceeded
from modelward.data.exchange import croissant
from modelward.data.exchange.facts import Agent, Description
from modelward.data.exchange.trust_alliance import Standard

MAX_BYTES = croissant.MAX_BYTES


class Declared(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """The TOML file. `trust_alliance` holds fields of that standard under their own names."""

    text: str = msgspec.field(default="", name="description")
    url: str = ""
    version: str = ""
    licences: tuple[str, ...] = ()
    creators: tuple[Agent, ...] = ()
    publishers: tuple[Agent, ...] = ()
    keywords: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    citation: str = ""
    same_as: tuple[str, ...] = ()
    created: str = ""
    modified: str = ""
    published: str = ""
    live: bool = False
    derived_from: tuple[str, ...] = ()
    trust_alliance: Standard = Standard()

    def completed(self, known: Description) -> Description:
        """`known` with what it lacks."""
        lacking = {name: getattr(self, name) for name in FIELDS if not getattr(known, name)}
        return msgspec.structs.replace(known, **lacking)


#: Fields of a description that a declaration may fill.
FIELDS = tuple(name for name in Declared.__struct_fields__ if name in Description.__struct_fields__)


def read(path: Path) -> Declared:
    """Read a declaration: TOML, or Croissant (`.json`, `.jsonld`). Raises InputError."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
    if len(data) > MAX_BYTES:
        raise LimitExceeded(f"over {MAX_BYTES >> 20} MiB", where=str(path))
    if path.suffix.lower() in (".json", ".jsonld"):
        says = croissant.read(data, str(path))
        return Declared(**{name: getattr(says, name) for name in FIELDS})
    try:
        return msgspec.convert(tomllib.loads(data.decode("utf-8")), Declared)
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        raise InputError(f"not a declaration: {error}", where=str(path)) from None
