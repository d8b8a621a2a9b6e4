"""What a person says about a step: nothing of it is computed from the rows.

The fields have the names and the forms of the custody statement (attest/predicates/custody.py), so that a
declaration is a part of it as it is; a TOML file holds them under the same names.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded

MAX_FILE_BYTES = 1 << 20

DigestText = Annotated[str, msgspec.Meta(pattern=r"^(sha256|dirHash):[0-9a-f]{64}$(?!\n)")]
Prose = Annotated[str, msgspec.Meta(max_length=10_000)]


class Part(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="camel", kw_only=True
):
    """A part of a declaration. Unknown fields are refused."""


class Thing(Part, frozen=True):
    """A program, model or file that is meant by digest, with a name for people."""

    name: Annotated[str, msgspec.Meta(max_length=1024)]
    digest: DigestText

    @classmethod
    def of(cls, name: str, digest: Digest) -> Thing:
        """A thing of this name and digest."""
        return cls(name=name, digest=str(digest))


class Source(Part, frozen=True):
    """Where collected data came from; `channel` as in feedback, transcript, crawl, synthetic."""

    uri: Annotated[str, msgspec.Meta(max_length=2048)]
    channel: Prose = ""
    fetched_at: Annotated[str, msgspec.Meta(pattern=instant.PATTERN)] | None = None
    collector: Prose = ""
    contributor: Prose = ""
    geography: Prose = ""


class Origin(Part, frozen=True):
    """What a file that came with the data says of it, and how many of its files have the digests it gives."""

    format: Literal["croissant", "dvc", "git-lfs", "lakefs"]
    document: Thing
    digest: Prose = ""
    files: Annotated[int, msgspec.Meta(ge=0)] = 0
    checked: Annotated[int, msgspec.Meta(ge=0)] = 0


class Generator(Part, frozen=True):
    """What made synthetic rows: a model by digest, its prompts by digest or in words, its seed."""

    model: Thing
    prompts: Thing | None = None
    prompt: Prose = ""
    seed: Prose = ""


class Findings(Part, frozen=True):
    """What the examination of the rows found, and what a reviewer decided."""

    report: DigestText
    detector: Prose = ""
    history_root: DigestText | None = None
    decision: Prose = ""
    reviewer: Prose = ""


class Declaration(Part, frozen=True):
    """What a person says about a step. `tool` is the program that did it, `code` what it ran."""

    version: Prose = ""
    source: Source | None = None
    origin: Origin | None = None
    generator: Generator | None = None
    tool: Thing | None = None
    code: tuple[Thing, ...] = ()
    environment: Thing | None = None
    parameters: dict[str, str] = msgspec.field(default_factory=dict)
    annotator: Prose = ""
    licence: Prose = ""
    consent: Prose = ""
    personal_data: Prose = ""
    findings: Findings | None = None
    notes: Prose = ""

    def fields(self) -> dict[str, Any]:
        """Those that say something, as the custody statement has them. Raises InputError for a bad one."""
        value: dict[str, Any] = msgspec.to_builtins(self)
        _converted(value, "the declaration")
        return value


def read_declaration(path: Path) -> Declaration:
    """Read a TOML file. Raises InputError, which names the field."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
    if len(data) > MAX_FILE_BYTES:
        raise LimitExceeded(f"a declaration is over {MAX_FILE_BYTES} bytes", where=str(path))
    try:
        value = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"not TOML: {error}", where=str(path)) from None
    return _converted(value, str(path))


def _converted(value: Any, where: str) -> Declaration:
    try:
        return msgspec.convert(value, Declaration)
    except msgspec.ValidationError as error:
        raise InputError(f"a field is wrong: {error}", where=where) from None
