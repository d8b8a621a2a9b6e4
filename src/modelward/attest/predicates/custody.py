"""custody: one step in the life of a dataset: who did what, from which inputs.

`claim` is `checked` when the row digests of inputs and output prove the operation (a filter's output
and dropped rows together are its input); `mapped` when every row of a map is accounted for (each output
row has its input row, each input row is mapped or dropped) but what became of it is a person's word;
`declared` when all of it is. The fields in `DECLARED` are a person's word whatever the claim.
The shards of the output, file by file, are in the snapshot that is signed beside this statement.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from modelward.attest.predicates.base import (
    NAMESPACE,
    Count,
    DigestText,
    Named,
    NameText,
    Predicate,
    Prose,
    Record,
    TimeText,
)

Operation = Literal[
    "collect",
    "filter",
    "map",
    "merge",
    "split",
    "shuffle",
    "dedupe",
    "label",
    "annotate",
    "redact",
    "delete",
    "synthesise",
]

#: Fields that are the signer's word: nothing of them is computed from the rows.
DECLARED = frozenset(
    {
        "version",
        "source",
        "origin",
        "generator",
        "tool",
        "code",
        "environment",
        "parameters",
        "annotator",
        "licence",
        "consent",
        "personal_data",
        "findings",
        "notes",
    }
)


class Dataset(Named, frozen=True, kw_only=True):
    """A dataset of the step by its digest, rows and roots.

    `snapshot` is the signed snapshot that it was found to agree with, where there was one.
    """

    rows: Count | None = None
    rows_root: DigestText | None = None
    set_root: DigestText | None = None
    snapshot: DigestText | None = None


class Source(Record, frozen=True, kw_only=True):
    """Where collected data came from, how (`channel`: feedback, transcript, crawl, synthetic…), and by whom.

    `contributor` is a pseudonym; `geography` where the data is about or from.
    """

    uri: Annotated[str, msgspec.Meta(max_length=2048)]
    channel: Prose = ""
    fetched_at: TimeText | None = None
    collector: Prose = ""
    contributor: Prose = ""
    geography: Prose = ""


class Origin(Record, frozen=True, kw_only=True):
    """What a file that came with the data says of it: a Croissant description, a DVC, lakeFS or LFS pointer.

    `document` is that file; `digest` what it calls the data (`md5:…`, `sha256:…`, `lakefs:COMMIT`). Of the
    `files` that it names, `checked` were found to have the digests that it gives.
    """

    format: Literal["croissant", "dvc", "git-lfs", "lakefs"]
    document: Named
    digest: Prose = ""
    files: Count = 0
    checked: Count = 0


class Whole(Record, frozen=True, kw_only=True):
    """All batches of a growing dataset so far: the dirHash of their files, their rows, the ordered root."""

    digest: DigestText
    rows: Count
    rows_root: DigestText


class Growth(Record, frozen=True, kw_only=True):
    """The place of a batch in a dataset that grows: the whole with it, and before it.

    `hashes` (base64) prove that the root of `whole` goes on from that of `former` (RFC 9162, consistency).
    """

    batch: Annotated[int, msgspec.Meta(ge=1)]
    whole: Whole
    former: Whole | None = None
    hashes: str = ""


class Generator(Record, frozen=True, kw_only=True):
    """What made synthetic rows: a model by digest, its prompts by digest or in words, its seed."""

    model: Named
    prompts: Named | None = None
    prompt: Prose = ""
    seed: Prose = ""


class Findings(Record, frozen=True, kw_only=True):
    """What the examination of the rows found, and what a reviewer decided."""

    report: DigestText
    detector: Prose = ""
    history_root: DigestText | None = None
    decision: Prose = ""
    reviewer: Prose = ""


class RowCounts(Record, frozen=True, kw_only=True):
    """Rows before, after, and left out by the step."""

    input: Count
    output: Count
    dropped: Count


class Mapping(Record, frozen=True, kw_only=True):
    """How each output row is tied to its input row.

    `file`: (input row digest, output row digest) pairs, by the digest of the file; `key`: the column that
    both have. `one_to_one`: no row became two, and no two became one.
    """

    file: DigestText | None = None
    key: str = ""
    one_to_one: bool = True


class Custody(Predicate, frozen=True, kw_only=True):
    """Subject: the output's bytes (a file's sha256 or a tree's dirHash)."""

    TYPE: ClassVar[str] = f"{NAMESPACE}/custody/v1"

    dataset: NameText
    version: Prose = ""
    operation: Operation
    inputs: tuple[Dataset, ...]
    other_outputs: tuple[Dataset, ...] = ()
    dropped: Dataset | None = None
    claim: Literal["checked", "mapped", "declared"]
    rows: RowCounts
    #: Why rows were dropped -> how many.
    reasons: dict[str, Count] = msgspec.field(default_factory=dict)
    #: Columns that the step changed, added, removed or compared, or that say whose rows it deleted.
    columns: tuple[str, ...] = ()
    mapping: Mapping | None = None
    set_root: DigestText
    rows_root: DigestText | None = None
    #: SHA-256 of the columns and their types, sorted by name, as canonical JSON.
    schema: DigestText | None = None
    #: The version of the canonical encoding of rows.
    encoding: str = ""
    shards: Count | None = None
    source: Source | None = None
    origin: Origin | None = None
    grows: Growth | None = None
    generator: Generator | None = None
    tool: Named | None = None
    code: tuple[Named, ...] = ()
    environment: Named | None = None
    parameters: dict[str, str] = msgspec.field(default_factory=dict)
    annotator: Prose = ""
    licence: Prose = ""
    consent: Prose = ""
    personal_data: Prose = ""
    findings: Findings | None = None
    notes: Prose = ""
    performed_at: TimeText
    supersedes: tuple[DigestText, ...] = ()
