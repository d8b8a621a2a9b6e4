"""What the formats of others hold of a dataset: one description, whichever it came from or goes to.

Plain data, so that `data` needs nothing of `attest`: the command fills it from an index or a signed snapshot
and from verified custody statements. Text of an empty description is empty, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A part of a description."""


class Agent(Part, frozen=True):
    """A person, an organisation, or a program (`kind`: Person, Organization, SoftwareAgent)."""

    name: str
    url: str = ""
    kind: str = "Person"


class File(Part, frozen=True):
    """A file of the dataset: path or name, digests as hex, bytes, media type, and where else it is.

    `etag` is what a store calls its checksum: of some objects the MD5, of others nothing that can be checked.
    `inside` names the archive or listing that holds the file.
    """

    path: str
    sha256: str = ""
    md5: str = ""
    etag: str = ""
    size: int | None = None
    media: str = ""
    url: str = ""
    description: str = ""
    inside: tuple[str, ...] = ()


class Files(Part, frozen=True):
    """Files by pattern: `inside` names the archive or set that holds them."""

    name: str
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    media: str = ""
    description: str = ""
    inside: tuple[str, ...] = ()


class Field(Part, frozen=True):
    """A column. `types` are Croissant's, `arrow` is Arrow's; `role` is the PROV property that it stands for.

    `source` is the file or set of files that it is read from, `column` its name there, `path` a JSON path.
    """

    name: str
    types: tuple[str, ...] = ()
    arrow: str = ""
    description: str = ""
    source: str = ""
    column: str = ""
    path: str = ""
    array: bool = False
    role: str = ""
    fields: tuple[Field, ...] = ()


class Records(Part, frozen=True):
    """A table: its columns, and those that identify a row."""

    name: str
    description: str = ""
    key: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()


class Thing(Part, frozen=True):
    """A dataset, program or model that is meant by digest."""

    name: str
    digest: str


class Step(Part, frozen=True):
    """One custody statement, verified: what was done, by whom, from what. `statement` is its identity."""

    operation: str
    statement: str = ""
    dataset: str = ""
    subject: str = ""
    claim: str = ""
    by: str = ""
    at: str = ""
    inputs: tuple[Thing, ...] = ()
    rows_in: int = 0
    rows_out: int = 0
    rows_dropped: int = 0
    rows_root: str = ""
    set_root: str = ""
    tool: Thing | None = None
    generator: Thing | None = None
    parameters: dict[str, str] = msgspec.field(default_factory=dict)
    source: str = ""
    channel: str = ""
    fetched_at: str = ""
    collector: str = ""
    contributor: str = ""
    geography: str = ""
    licence: str = ""
    consent: str = ""
    personal_data: str = ""
    version: str = ""
    notes: str = ""


class Description(Part, frozen=True):
    """A dataset. `steps` are its custody, nearest first, ancestors included.

    `subject`, `rows_root`, `set_root` and `index` are digests (`sha256:…`, `dirHash:…`) and come from a
    snapshot; `licences` to `published` from the custody, or from a declaration.
    """

    name: str
    text: str = ""
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
    files: tuple[File, ...] = ()
    sets: tuple[Files, ...] = ()
    records: tuple[Records, ...] = ()
    rows: int | None = None
    subject: str = ""
    rows_root: str = ""
    set_root: str = ""
    index: str = ""
    signer: str = ""
    steps: tuple[Step, ...] = ()

    def own_steps(self) -> Iterator[Step]:
        """The steps whose output this dataset is."""
        return (step for step in self.steps if step.subject == self.subject)

    def first(self, field: str) -> str:
        """What the nearest step says under this name, or an empty text."""
        return next((text for step in self.steps if (text := getattr(step, field))), "")

    def every(self, field: str) -> tuple[str, ...]:
        """What the steps say under this name, each once, nearest first."""
        return tuple(dict.fromkeys(text for step in self.steps if (text := getattr(step, field))))
