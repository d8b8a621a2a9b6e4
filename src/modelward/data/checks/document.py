"""The report of the checks as a file: what people act on, `data quarantine` reads and the statement names.

It holds words of the data: it is as confidential as the data. Rows are named by number, place and digest; the
rows that are shown come with a proof that they are in the dataset (docs/data.md, "Proofs").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from modelward.core import strict_json
from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded
from modelward.data.checks.report import Calibration, Contributor, Detector, Power
from modelward.data.proof import Present

FORMAT: Literal["modelward-data-check/1"] = "modelward-data-check/1"
SCHEMA_ID = "https://modelward.dev/schemas/data-check-report/v1"
#: A report larger than this is not read.
MAX_BYTES = 1 << 30

Tier = Literal["critical", "review", "information"]
Verdict = Literal["findings", "cannot-tell", "nothing-found"]
_Digest = Annotated[str, msgspec.Meta(pattern=r"^(sha256|dirHash):[0-9a-f]{64}$(?!\n)")]
_Count = Annotated[int, msgspec.Meta(ge=0, lt=1 << 62)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the report. Unknown fields are refused."""


class Place(_Part, frozen=True):
    """Where a row is: in which file of which dataset, counted from 1."""

    data: str
    shard: str
    row: _Count

    def __str__(self) -> str:
        return f"{self.shard} row {self.row}"


class Data(_Part, frozen=True):
    """A dataset by its digest and the root of the set of its rows, and who signed that it has these rows."""

    name: str
    digest: _Digest
    rows: _Count
    set_root: _Digest
    snapshot: _Digest | None = None
    signer: str = ""


class Shown(_Part, frozen=True):
    """A row of a finding beside the nearest row without the trigger, if there is one."""

    number: _Count
    place: Place
    digest: _Digest
    text: str
    output: str
    twin: Place | None = None
    twin_text: str = ""
    twin_output: str = ""
    proof: Present | None = None


class Decision(_Part, frozen=True):
    """What people who count decided about a finding; `by` signed the decision that stands."""

    verdict: Literal["poison", "benign", "unsure"]
    by: str
    reason: str


class Found(_Part, frozen=True):
    """A finding; see `report.Finding`. `id` is its content (`content.content`), `rows_root` the set root over
    `rows`, which are numbers from 0. `digests` are those of the rows, except for the tier information.
    """

    id: _Digest
    check: str
    tier: Tier
    trigger: str
    behaviour: str
    kind: str
    message: str
    examples: _Count
    showing: _Count
    expected: float
    p: float
    q: float
    score: float
    in_history: _Count
    contributors: tuple[Contributor, ...]
    first_seen: str
    last_seen: str
    also: tuple[str, ...]
    rows: tuple[_Count, ...]
    rows_root: _Digest
    digests: tuple[_Digest, ...] = ()
    shown: tuple[Shown, ...] = ()
    decision: Decision | None = None

    @property
    def is_quiet(self) -> bool:
        """Whether people decided that it is benign."""
        return self.decision is not None and self.decision.verdict == "benign"

    @property
    def is_open(self) -> bool:
        """Whether it asks for somebody to act."""
        return self.tier != "information" and not self.is_quiet


class Quarantine(_Part, frozen=True):
    """The rows of all critical findings that nobody called benign: how many, and the set root over them."""

    rows: _Count
    set_root: _Digest


class Document(_Part, frozen=True):
    """What `modelward data check --json` prints. `scores` are the 101 percentiles of the rows' scores."""

    format: Literal["modelward-data-check/1"]
    version: str
    verdict: Verdict
    exit_code: Literal[0, 1, 2]
    data: Data
    history: tuple[Data, ...]
    detectors: tuple[Detector, ...]
    level: float
    strict: bool
    findings: tuple[Found, ...]
    quarantine: Quarantine | None
    power: tuple[Power, ...]
    calibration: tuple[Calibration, ...]
    could_not_tell: tuple[str, ...]
    scores: tuple[float, ...]

    def of(self, tier: Tier) -> list[Found]:
        """The findings of a tier that are not quiet."""
        return [found for found in self.findings if found.tier == tier and not found.is_quiet]

    @property
    def quiet(self) -> list[Found]:
        """The findings that were decided benign."""
        return [found for found in self.findings if found.is_quiet]

    def to_bytes(self) -> bytes:
        """The report as canonical JSON, a line."""
        return strict_json.dumps(msgspec.to_builtins(self)) + b"\n"

    @classmethod
    def read(cls, path: Path) -> Document:
        """Read a report. Raises InputError, LimitExceeded."""
        try:
            with path.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
        if len(data) > MAX_BYTES:
            raise LimitExceeded(f"the report is over {MAX_BYTES >> 20} MiB", where=str(path))
        help = "give what modelward data check --report FILE wrote"
        try:
            value = strict_json.loads(data, what="the report", max_bytes=MAX_BYTES)
            return msgspec.convert(value, cls)
        except (InputError, msgspec.ValidationError) as error:
            raise InputError(f"not a report of data check: {error}", where=str(path), help=help) from None

    def finding(self, text: str) -> Found:
        """The finding of this id, or of an id that begins like this. Raises InputError."""
        wanted = text.partition(":")[2] if text.startswith("sha256:") else text
        found = {one.id: one for one in self.findings if wanted and one.id.startswith(f"sha256:{wanted}")}
        if len(found) != 1:
            raise InputError(
                f"{len(found)} findings of the report begin like this"
                if found
                else "the report has no such finding",
                where=text[:100],
                help="give its id as data check prints it, or the beginning",
            )
        return next(iter(found.values()))


def judged(findings: Sequence[Found], could_not_tell: Sequence[str]) -> tuple[Verdict, Literal[0, 1, 2]]:
    """The verdict and the exit code."""
    if any(found.is_open for found in findings):
        return "findings", 1
    return ("cannot-tell", 2) if could_not_tell else ("nothing-found", 0)


def schema() -> str:
    """The JSON schema of the report, as published in docs/schemas/data-check-report.json."""
    import json

    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID}
    return json.dumps(head | msgspec.json.schema(Document), indent=2, ensure_ascii=False) + "\n"


def predicate(document: Document, dataset: str, report: Digest, *, disclose: bool = False) -> dict[str, Any]:
    """The `data-check` predicate (attest/predicates/data_check.py), but for its time.

    `report` is the digest of the report's file. Triggers are named only where the signer `disclose`s them.
    """
    listed = [found for found in document.findings if found.tier != "information"]
    counts = {
        tier: sum(found.tier == tier for found in document.findings)
        for tier in ("critical", "review", "information")
    }
    quarantine = document.quarantine
    return counts | {
        "dataset": dataset,
        "rows": document.data.rows,
        "setRoot": document.data.set_root,
        "detectors": [msgspec.to_builtins(detector) for detector in document.detectors],
        "history": [_history(data) for data in document.history],
        "level": document.level,
        "strict": document.strict,
        "calibration": [_calibrated(one) for one in document.calibration[:1000]],
        "power": detectable(document.power),
        "findings": [_named(found, disclose=disclose) for found in listed[:500]],
        "quarantineRows": quarantine.rows if quarantine else 0,
        "quarantineRoot": quarantine.set_root if quarantine else None,
        "couldNotTell": list(document.could_not_tell[:1000]),
        "report": str(report),
        "tool": f"modelward {document.version}",
    }


def detectable(power: Sequence[Power]) -> list[dict[str, Any]]:
    """By check, over all behaviours: the fewest poisoned rows that it could have found."""
    by_check: dict[str, list[int | None]] = {}
    for one in power:
        by_check.setdefault(one.check, []).append(one.rows)
    told = []
    for check, rows in by_check.items():
        known = [count for count in rows if count is not None]
        bounds = {"least": min(known), "most": max(known)} if known else {}
        told.append({"check": check, "behaviours": len(rows), "never": len(rows) - len(known), **bounds})
    return told


def _history(data: Data) -> dict[str, Any]:
    named = {"name": data.name, "digest": data.digest, "rows": data.rows, "setRoot": data.set_root}
    return named | ({"snapshot": data.snapshot} if data.snapshot else {})


def _calibrated(one: Calibration) -> dict[str, Any]:
    fields: Mapping[str, Any] = msgspec.to_builtins(one)
    return dict(fields)


def _named(found: Found, *, disclose: bool) -> dict[str, Any]:
    words = {"trigger": found.trigger[:10_000], "behaviour": found.behaviour[:10_000]} if disclose else {}
    return words | {
        "id": found.id,
        "check": found.check,
        "tier": found.tier,
        "kind": found.kind,
        "examples": found.examples,
        "showing": found.showing,
        "expected": max(found.expected, 0.0),
        "p": min(max(found.p, 0.0), 1.0),
        "q": min(max(found.q, 0.0), 1.0),
        "rows": len(found.rows),
        "rowsRoot": found.rows_root,
    }
