"""From a dataset to the report of its checks: reads the rows once more than its index did, and ties the two.

What was checked is what the index is of: the bytes are hashed as the checks read them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import msgspec
import numpy as np

from modelward import __version__
from modelward.core.digest import Digest
from modelward.core.errors import InputError, UsageError
from modelward.core.progress import Progress
from modelward.data import places
from modelward.data.arrow import pyarrow
from modelward.data.checks import corpus as corpora
from modelward.data.checks.batch import Options
from modelward.data.checks.content import content, set_root
from modelward.data.checks.corpus import Codes, Columns, Corpus, Texts
from modelward.data.checks.document import (
    FORMAT,
    Data,
    Decision,
    Document,
    Found,
    Place,
    Quarantine,
    Shown,
    judged,
)
from modelward.data.checks.nearest import nearest
from modelward.data.checks.report import CheckReport, Finding, Twin
from modelward.data.checks.run import check
from modelward.data.index import Index
from modelward.data.proof import Present, prove_row
from modelward.data.readers.layout import Part
from modelward.data.readers.shard import OpenShard

#: Findings whose rows are shown, and rows of each.
SHOWN_FINDINGS = 50
SHOWN_ROWS = 5


@dataclass(frozen=True)
class Given:
    """A dataset: where it lies, its index, and the signed snapshot that this agrees with, if there is one."""

    place: Any
    index: Index
    snapshot: Digest | None = None
    signer: str = ""

    @property
    def data(self) -> Data:
        """The dataset as the report names it."""
        return Data(
            name=self.index.name,
            digest=str(self.index.subject),
            rows=self.index.rows,
            set_root=str(self.index.set_root),
            snapshot=str(self.snapshot) if self.snapshot else None,
            signer=self.signer,
        )


class Examined(NamedTuple):
    """The report, and what is now known of the contributors of the feed, for its next batch."""

    document: Document
    state: bytes


def examine(
    batch: Given,
    history: Sequence[Given],
    columns: Columns,
    options: Options,
    progress: Callable[[str], Progress] | None = None,
) -> Examined:
    """Run the checks over a dataset. Raises InputError, UsageError, LimitExceeded, MissingExtra."""
    for past in history:
        if batch.index.set_root == past.index.set_root or batch.index.subject == past.index.subject:
            raise UsageError("the history has the very rows of the batch", where=past.index.name)
    read = _read(batch, columns, progress)
    former = _joined([_read(past, columns, progress) for past in history])
    if progress is not None:
        bar = progress("looking for poison")
        bar.start(0)
        try:
            report = check(read, former, options)
        finally:
            bar.done()
    else:
        report = check(read, former, options)
    return Examined(_document(report, read, batch, history, options), report.state)


def decided(document: Document, decisions: Mapping[str, Decision]) -> Document:
    """The report with what people decided about its findings, by their ids."""
    findings = tuple(
        msgspec.structs.replace(found, decision=decisions.get(found.id)) for found in document.findings
    )
    verdict, code = judged(findings, document.could_not_tell)
    return msgspec.structs.replace(document, findings=findings, verdict=verdict, exit_code=code)


class Witnessed(places.Dataset):
    """A dataset that notes the digest of each part as it is read."""

    def __init__(self, dataset: places.Dataset) -> None:
        self._inner = dataset
        self._digests: dict[str, Digest] = {}
        self.name, self.parts, self.unread, self.path = (
            dataset.name,
            dataset.parts,
            dataset.unread,
            dataset.path,
        )

    @contextmanager
    def open(self, part: Part, progress: Progress) -> Iterator[OpenShard]:
        """See `Dataset`."""
        with self._inner.open(part, progress) as shard:
            yield shard
            self._digests[part.name] = shard.digest()

    def subject(self, digests: Mapping[str, Digest]) -> Digest:
        """See `Dataset`."""
        return self._inner.subject(digests)

    def require(self, index: Index) -> None:
        """Raise InputError unless what was read is what the index is of."""
        if self.subject(self._digests) != index.subject:
            raise InputError(
                "the data changed while it was read", where=self.name, help="wait until nothing writes to it"
            )


def row_digests(index: Index) -> Any:
    """The digest of each row: a matrix of bytes, 32 a row."""
    found = [batch.column(0) for batch in index.batches(["row"])]
    joined = b"".join(bytes(b"".join(column.to_pylist())) for column in found)
    return np.frombuffer(joined, np.uint8).reshape(-1, 32)


def _read(given: Given, columns: Columns, progress: Callable[[str], Progress] | None) -> Corpus:
    dataset = Witnessed(places.find(given.place))
    bar = progress(f"reading {dataset.name}") if progress else None
    read = corpora.read(dataset, columns, bar)
    dataset.require(given.index)
    if read.rows != given.index.rows:
        raise InputError("not every row was read", where=dataset.name)
    return replace(read, digests=row_digests(given.index), root=str(given.index.set_root))


def _joined(history: Sequence[Corpus]) -> Corpus | None:
    """Several histories as one; a column that one of them lacks is empty there."""
    if len(history) < 2:
        return history[0] if history else None
    rows = [each.rows for each in history]

    def texts(name: str) -> Texts | None:
        columns = [getattr(each, name) for each in history]
        if all(column is None for column in columns):
            return None
        filled = [column or Texts.of([""] * count) for column, count in zip(columns, rows, strict=True)]
        return Texts(pyarrow().chunked_array([chunk for column in filled for chunk in column._chunks.chunks]))

    def codes(name: str) -> Codes | None:
        columns = [getattr(each, name) for each in history]
        if all(column is None for column in columns):
            return None
        names: dict[str, int] = {}
        parts = []
        for column, count in zip(columns, rows, strict=True):
            if column is None:
                parts.append(np.full(count, -1, np.int32))
                continue
            table = [names.setdefault(value, len(names)) for value in column.names]
            parts.append(np.array([*table, -1], np.int32)[column.codes])
        return Codes(np.concatenate(parts), list(names))

    return Corpus(
        **{name: texts(name) for name in ("inputs", "outputs", "rejected", "system")},  # type: ignore[arg-type]
        **{name: codes(name) for name in ("labels", "contributors", "sources", "times")},  # type: ignore[arg-type]
        digests=np.concatenate([each.digests for each in history]),
    )


def _document(
    report: CheckReport,
    read: Corpus,
    batch: Given,
    history: Sequence[Given],
    options: Options,
) -> Document:
    showing = _Showing(read, batch.index, [past.index for past in history])
    findings = showing.found(report.findings)
    verdict, code = judged(findings, report.could_not_tell)
    rows = sorted({row for found in findings if found.tier == "critical" for row in found.rows})
    scores = report.row_scores if report.row_scores is not None else np.zeros(max(report.rows, 1))
    return Document(
        format=FORMAT,
        version=__version__,
        verdict=verdict,
        exit_code=code,
        data=batch.data,
        history=tuple(past.data for past in history),
        detectors=tuple(report.detectors),
        level=options.level,
        strict=options.strict,
        findings=findings,
        quarantine=Quarantine(rows=len(rows), set_root=str(set_root(read.digests, rows))) if rows else None,
        power=tuple(msgspec.structs.replace(one, rate=_finite(one.rate)) for one in report.power),
        calibration=tuple(
            msgspec.structs.replace(one, allowed=_finite(one.allowed), inflation=_finite(one.inflation))
            for one in report.calibration
        ),
        could_not_tell=tuple(report.could_not_tell),
        scores=tuple(_finite(score) for score in np.percentile(scores, np.arange(101)).tolist()),
    )


def _finite(number: float) -> float:
    return float(number) if np.isfinite(number) else 0.0


class _Showing:
    """Findings with their rows shown."""

    def __init__(self, corpus: Corpus, index: Index, history: Sequence[Index]) -> None:
        self._corpus = corpus
        self._index = index
        self._history = history
        self._proofs: dict[str, Present | None] = {}

    def found(self, findings: Sequence[Finding]) -> tuple[Found, ...]:
        """The findings as the report holds them."""
        shown = [finding for finding in findings if finding.tier.value != "information"][:SHOWN_FINDINGS]
        without = {at: finding for at, finding in enumerate(shown) if not finding.twins}
        made = nearest(self._corpus, {at: one.rows for at, one in without.items()}, SHOWN_ROWS)
        twins = {id(one): one.twins or made[at] for at, one in enumerate(shown)}
        return tuple(self._one(finding, twins.get(id(finding), ())) for finding in findings)

    def _one(self, finding: Finding, twins: Sequence[Twin]) -> Found:
        rows = tuple(sorted(set(map(int, finding.rows))))
        root = set_root(self._corpus.digests, rows)
        listed = finding.tier.value != "information"
        return Found(
            id=str(content(finding.check, finding.kind, finding.trigger, finding.behaviour, root)),
            check=finding.check,
            tier=finding.tier.value,
            trigger=finding.trigger,
            behaviour=finding.behaviour,
            kind=finding.kind,
            message=finding.message,
            examples=int(finding.n),
            showing=int(finding.k),
            expected=_finite(finding.expected),
            p=_finite(finding.p),
            q=_finite(finding.q),
            score=_finite(finding.score),
            in_history=int(finding.in_history),
            contributors=finding.contributors,
            first_seen=finding.first_seen,
            last_seen=finding.last_seen,
            also=finding.also,
            rows=rows,
            rows_root=str(root),
            digests=tuple(f"sha256:{self._corpus.digests[row].tobytes().hex()}" for row in rows)
            if listed
            else (),
            shown=tuple(self._shown(twin) for twin in twins[:SHOWN_ROWS]),
        )

    def _shown(self, twin: Twin) -> Shown:
        digest = f"sha256:{self._corpus.digests[twin.row].tobytes().hex()}"
        return Shown(
            number=twin.row,
            place=_place(self._index, twin.row),
            digest=digest,
            text=twin.text,
            output=twin.output,
            twin=None if twin.twin is None else self._twin(twin.twin, in_history=twin.twin_in_history),
            twin_text=twin.twin_text,
            twin_output=twin.twin_output,
            proof=self._proof(digest),
        )

    def _proof(self, digest: str) -> Present | None:
        if digest not in self._proofs:
            proof = prove_row(self._index, Digest.parse(digest))
            self._proofs[digest] = proof if isinstance(proof, Present) else None
        return self._proofs[digest]

    def _twin(self, number: int, *, in_history: bool) -> Place | None:
        if not in_history:
            return _place(self._index, number)
        for index in self._history:
            if number < index.rows:
                return _place(index, number)
            number -= index.rows
        return None


def _place(index: Index, number: int) -> Place:
    place = index.place(number)
    return Place(data=index.name, shard=place.shard, row=place.row)
