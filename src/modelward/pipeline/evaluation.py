"""Evaluations: metrics from a file, bound to the model, the data and the harness by digest.

The harness is not run here, so the metrics are the evaluator's word; what is checked is that the data is
a recorded dataset, and that it took no part in training, as far as the statements tell.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelward.artifact.hashing import digest_of
from modelward.attest.predicates import Custody, Evaluation, Named, Provenance
from modelward.attest.statement import Statement
from modelward.core import instant, strict_json
from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded, Rejected
from modelward.pipeline.evidence import DATASET_ORIGINS, EvidenceSource, account

MAX_METRICS_BYTES = 16 << 20
MAX_METRICS = 1000
_MAX_NAME = 128
_MAX_ANCESTORS = 10_000


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """An unsigned evaluation. `provenance_known` is false if nothing tells what the model was trained on."""

    statement: Statement
    metrics: dict[str, float]
    provenance_known: bool


def evaluate(
    model: tuple[str, Digest],
    data: Path,
    harness: Path,
    metrics: Path,
    evidence: EvidenceSource,
    *,
    report: Path | None = None,
    notes: str = "",
    supersedes: Sequence[Digest] = (),
) -> EvaluationResult:
    """State what the harness measured on `model` (a name for people, and the digest) with `data`.

    `metrics` is a JSON file: an object of finite numbers, or `{"metrics": {…}}`. The report bound by
    digest is that file unless `report` names another. Raises Rejected if the data has no snapshot and
    custody, or took part in training; InputError for a bad file.
    """
    name, digest = model
    dataset = account("data", data, evidence, DATASET_ORIGINS)
    known = _refuse_training_data(digest, dataset.digest, data, evidence)
    content = _read(metrics)
    values = parse_metrics(content, where=str(metrics))
    evaluation = Evaluation(
        harness=Named(name=harness.resolve().name, digest=str(digest_of(harness))),
        data=Named(name=data.resolve().name, digest=str(dataset.digest)),
        report=str(Digest.sha256(content) if report is None else digest_of(report)),
        metrics=values,
        notes=notes,
        evaluated_at=instant.render(instant.now()),
        supersedes=tuple(str(statement) for statement in supersedes),
    )
    return EvaluationResult(Statement.of(name, digest, evaluation), values, known)


def parse_metrics(content: bytes, *, where: str) -> dict[str, float]:
    """Read a flat map of finite numbers, or one under the single key `metrics`. Raises InputError."""
    try:
        value: Any = strict_json.loads(content, what="the metrics file", max_bytes=MAX_METRICS_BYTES)
    except InputError as error:
        raise type(error)(error.message, where=where, help=error.help) from error
    if isinstance(value, dict) and set(value) == {"metrics"} and isinstance(value["metrics"], dict):
        value = value["metrics"]
    if not isinstance(value, dict) or not value:
        raise InputError(
            "the metrics file holds no metrics", where=where, help='write one object: {"accuracy": 0.97, …}'
        )
    if len(value) > MAX_METRICS:
        raise LimitExceeded(f"more than {MAX_METRICS} metrics", where=where)
    return {name: _number(name, number, where) for name, number in value.items()}


def _number(name: str, number: Any, where: str) -> float:
    if not name or len(name) > _MAX_NAME or not name.isprintable():
        raise InputError(f"not a metric's name: {name[:_MAX_NAME]!r}", where=where)
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise InputError(
            f"metric {name!r} is not a number", where=where, help="metrics are a flat map of numbers"
        )
    try:
        measured = float(number)
    except OverflowError:
        measured = math.inf
    if not math.isfinite(measured):
        raise InputError(f"metric {name!r} is not a finite number", where=where)
    return measured


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_METRICS_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot read the metrics: {error.strerror}", where=str(path)) from error
    return content


def _refuse_training_data(model: Digest, data: Digest, path: Path, evidence: EvidenceSource) -> bool:
    """Refuse data that took part in training; say whether anything is known about the training.

    Rows leak in two ways that digests show: the data is an input of the training or what an input was
    made from; or the data was made from an input. Rows that two datasets share otherwise are found by
    comparing their indexes, not here.
    """
    inputs = set(_made_from(model, evidence, (Provenance.TYPE,)))
    both = (Provenance.TYPE, Custody.TYPE)
    if data in inputs or data in set(_ancestors(inputs, evidence, both)):
        problem = "this data took part in training the model"
    elif inputs & set(_ancestors([data], evidence, both)):
        problem = "this data was made from what the model was trained on"
    else:
        return bool(inputs)
    raise Rejected(
        f"{problem} ({data})",
        where=str(path),
        help="evaluate on rows that were held out: modelward data custody records a split",
    )


def _ancestors(roots: Iterable[Digest], evidence: EvidenceSource, types: Sequence[str]) -> Iterator[Digest]:
    """What the roots were made from, transitively, without the roots themselves."""
    seen: set[Digest] = set()
    frontier = list(roots)
    while frontier:
        for digest in _made_from(frontier.pop(), evidence, types):
            if digest in seen:
                continue
            if len(seen) >= _MAX_ANCESTORS:
                raise LimitExceeded(f"more than {_MAX_ANCESTORS} ancestors")
            seen.add(digest)
            frontier.append(digest)
            yield digest


def _made_from(digest: Digest, evidence: EvidenceSource, types: Sequence[str]) -> Iterator[Digest]:
    for verified in evidence.statements_about(digest):
        kind = verified.statement.predicate_type
        if kind not in types:
            continue
        if kind == Provenance.TYPE:
            for material in verified.statement.typed(Provenance).build_definition.resolved_dependencies:
                if material.name.startswith("input/"):
                    known = material.digest.items()
                    yield from (Digest(name, value) for name, value in known if name in ("sha256", "dirHash"))
        else:
            for named in verified.statement.typed(Custody).inputs:
                yield Digest.parse(named.digest)
