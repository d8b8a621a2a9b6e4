"""How a trace reads, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modelward.attest.predicates import Custody, DataCheck, Provenance, Snapshot
from modelward.cli.data.custody_text import declared, grade
from modelward.cli.row_difference import counted
from modelward.core.digest import Digest
from modelward.core.escape import escape
from modelward.registry.custody_chain import Link, chain, step_of

if TYPE_CHECKING:
    from modelward.registry.lineage import Lineage, Said
    from modelward.registry.records import RegisteredVersion
    from modelward.registry.row_trace import Examined, Measured, Reached, Sought

#: Snapshots that were not examined and are listed.
LISTED = 20


@dataclass(frozen=True, slots=True)
class Traced:
    """All that is known of where rows came from and went. `examined` is None for a whole dataset."""

    lineage: Lineage
    sought: Sought
    examined: Examined | None
    reached: tuple[Reached, ...]
    measured: tuple[Measured, ...]

    def name(self, digest: Digest) -> str:
        """What a digest is called: a dataset, a version, or a file."""
        about = self.lineage.about(digest)
        for said in reversed(about):
            if said.is_a(Snapshot) or said.is_a(Custody):
                return str(said.statement.predicate["dataset"])
        versions = self.lineage.versions(digest)
        if versions:
            return _version(versions[0])
        return about[0].statement.name if about else digest.short

    @property
    def datasets(self) -> list[Reached]:
        """What was reached and is recorded as a dataset."""
        recorded = set(self.lineage.recorded)
        return [one for one in self.reached if one.digest in recorded]

    @property
    def outputs(self) -> list[Reached]:
        """What runs made, and models."""
        recorded = set(self.lineage.recorded)
        return [one for one in self.reached if one.digest not in recorded]

    @property
    def models(self) -> list[tuple[Reached, RegisteredVersion]]:
        """The versions among what was reached."""
        return [(one, version) for one in self.reached for version in self.lineage.versions(one.digest)]

    @property
    def collections(self) -> list[Link]:
        """Where the datasets were collected that surely have the rows, or perhaps where none is sure."""
        sure = [one for one in self.datasets if one.sure] or self.datasets
        holds = (lambda digest: None) if self.examined is None else self.examined.holds
        links = {link.digest: link for one in sure for link in chain(self.lineage, one.digest)}
        return [link for link in links.values() if link.is_collection and holds(link.digest) is not False]


# --- text -------------------------------------------------------------------------------------------------


def lines(traced: Traced) -> Iterator[str]:
    """The whole answer."""
    yield _title(traced)
    for title, listed in (
        ("datasets", [_dataset(traced, one) for one in traced.datasets]),
        ("collected", [text for link in traced.collections for text in _collection(link)]),
        ("runs", [_run(traced, one) for one in traced.outputs if one.step is not None]),
        ("models", [_model(traced, one, version) for one, version in traced.models]),
        ("measured with", [_measured(traced, one) for one in traced.measured]),
        ("checked for poison", [text for one in traced.datasets for text in _checked(traced, one)]),
    ):
        if listed:
            yield title
            yield from (f"  {text}" for text in listed)
    yield from _unexamined(traced)


def _title(traced: Traced) -> str:
    what = f"{traced.sought.kind} {escape(traced.sought.text)}"
    if traced.examined is None:
        return what
    if not traced.reached:
        return f"{what}: no snapshot that was examined holds it"
    if traced.sought.kind == "row":
        return what
    return f"{what}: {counted(traced.examined.rows, 'different row')} in the indexes at hand"


def _dataset(traced: Traced, one: Reached) -> str:
    told = []
    if traced.examined is not None:
        held = traced.examined.held.get(one.digest)
        said = traced.examined.declared.get(one.digest)
        if said is not None:
            told.append(f"all of it, declared by {escape(said.signer)}")
        if held is not None and held.rows:
            first = f", first {escape(str(held.first))}" if held.first else ""
            told.append(f"{held.rows:,} of {counted(held.total, 'row')}{first}")
        elif held is None and said is None:
            told.append("its index is not at hand")
    steps = _by(traced, one)
    told += [steps] if steps else []
    state = _state(one, "from it" if traced.examined is None else "holds", "may hold")
    if traced.examined is None and one.step is None:
        state = "itself"
    return f"{state:<13} {escape(traced.name(one.digest))} ({one.digest.short})" + "".join(
        f"; {text}" if at else f"  {text}" for at, text in enumerate(told)
    )


def _by(traced: Traced, one: Reached) -> str:
    if one.step is None or one.origin is None:
        return ""
    step = step_of(one.step)
    what = step.custody.operation if step.custody else f"run {_step_name(one.step)}"
    return f"{what} of {escape(traced.name(one.origin))} ({grade(step)}, by {_signer(one.step)})"


def _run(traced: Traced, one: Reached) -> str:
    assert one.step is not None
    assert one.origin is not None
    name = _step_name(one.step) if one.step.is_a(Provenance) else "a step"
    return (
        f"{_state(one, 'used', 'may have used'):<13} {name} by {_signer(one.step)}: "
        f"{escape(traced.name(one.origin))} -> {escape(traced.name(one.digest))} ({one.digest.short})"
    )


def _model(traced: Traced, one: Reached, version: RegisteredVersion) -> str:
    stages = traced.lineage.stages(version)
    now = ", ".join(escape(use.stage) for use in stages if use.current)
    before = ", ".join(escape(use.stage) for use in stages if not use.current)
    told = [f"now in {now}" if now else "", f"formerly in {before}" if before else ""]
    where = "; ".join(text for text in told if text) or "in no stage"
    revoked = "; revoked" if traced.lineage.revoked(version.artifact) is not None else ""
    state = _state(one, "used", "may have used")
    return f"{state:<13} {escape(_version(version))} by {escape(version.author)}: {where}{revoked}"


def _measured(traced: Traced, one: Measured) -> str:
    state = "used" if one.sure else "may have used"
    model = escape(traced.name(one.said.statement.subject))
    return f"{state:<13} evaluation of {model} by {_signer(one.said)} with {escape(traced.name(one.dataset))}"


def _collection(link: Link) -> Iterator[str]:
    for step in link.steps:
        if step.custody is None:
            continue
        source = step.custody.source
        told = [source.uri if source else "from nowhere that is told"]
        told += [f"collector {source.collector}"] if source and source.collector else []
        told += [f"licence {step.custody.licence}" if step.custody.licence else "no licence told"]
        words = "; ".join(escape(text) for text in told)
        operation = step.custody.operation
        yield f"{grade(step):<13} {escape(link.name)}: {operation} by {_signer(step.said)}: {words}"


def _checks(traced: Traced, one: Reached) -> list[Said]:
    return [said for said in traced.lineage.about(one.digest) if said.is_a(DataCheck)]


def _checked(traced: Traced, one: Reached) -> Iterator[str]:
    for said in _checks(traced, one):
        check = said.statement.typed(DataCheck)
        found = f"{check.critical:,} critical, {check.review:,} to review"
        yield f"{escape(traced.name(one.digest))}: {found}, by {_signer(said)} {check.checked_at}"


def _unexamined(traced: Traced) -> Iterator[str]:
    found = traced.examined.unexamined if traced.examined is not None else ()
    if not found:
        return
    yield f"not examined: the indexes of {counted(len(found), 'snapshot')} are not at hand (--indexes DIR)"
    for digest in found[:LISTED]:
        yield f"  {escape(traced.name(digest))} ({digest.short})"
    if len(found) > LISTED:
        yield f"  and {len(found) - LISTED:,} more"


def _state(one: Reached, sure: str, unsure: str) -> str:
    return sure if one.sure else unsure


def _signer(said: Said) -> str:
    return escape(said.signer) + (f" [REFUSED: {escape(said.problem)}]" if said.problem else "")


def _step_name(said: Said) -> str:
    name = said.statement.typed(Provenance).build_definition.external_parameters.get("step")
    return escape(name, limit=60) if isinstance(name, str) else "a run"


def _version(version: RegisteredVersion) -> str:
    return f"{version.model}@{version.version}"


# --- JSON -------------------------------------------------------------------------------------------------


def as_object(traced: Traced) -> dict[str, Any]:
    """The same for JSON, all of it."""
    examined = traced.examined
    return {
        "sought": {"kind": traced.sought.kind, "text": traced.sought.text},
        "rows": None if examined is None else examined.rows,
        "datasets": [_dataset_object(traced, one) for one in traced.datasets],
        "collections": [
            {"name": link.name, "digest": str(link.digest), "declared": declared(step.custody)}
            for link in traced.collections
            for step in link.steps
            if step.custody is not None
        ],
        "outputs": [_reached_object(traced, one) for one in traced.outputs],
        "models": [
            {
                "model": version.model,
                "version": version.version,
                "artifact": str(version.artifact),
                "author": version.author,
                "certain": one.sure,
                "stages": [
                    {"stage": use.stage, "current": use.current} for use in traced.lineage.stages(version)
                ],
                "revoked": traced.lineage.revoked(version.artifact) is not None,
            }
            for one, version in traced.models
        ],
        "evaluations": [
            {
                "artifact": str(one.said.statement.subject),
                "dataset": str(one.dataset),
                "certain": one.sure,
                "signedBy": one.said.signer,
                "statement": str(one.said.id),
                "problem": one.said.problem or None,
            }
            for one in traced.measured
        ],
        "checks": [
            {
                "dataset": str(one.digest),
                "statement": str(said.id),
                "signedBy": said.signer,
                "problem": said.problem or None,
                "critical": said.statement.predicate["critical"],
                "review": said.statement.predicate["review"],
                "findings": [found.id for found in said.statement.typed(DataCheck).findings],
            }
            for one in traced.datasets
            for said in _checks(traced, one)
        ],
        "notExamined": [
            {"name": traced.name(digest), "digest": str(digest)}
            for digest in (() if examined is None else examined.unexamined)
        ],
    }


def _reached_object(traced: Traced, one: Reached) -> dict[str, Any]:
    return {
        "name": traced.name(one.digest),
        "digest": str(one.digest),
        "certain": one.sure,
        "from": None if one.origin is None else str(one.origin),
        "statement": None if one.step is None else str(one.step.id),
        "grade": None if one.step is None else grade(step_of(one.step)),
        "signedBy": None if one.step is None else one.step.signer,
        "problem": None if one.step is None else one.step.problem or None,
    }


def _dataset_object(traced: Traced, one: Reached) -> dict[str, Any]:
    held = None if traced.examined is None else traced.examined.held.get(one.digest)
    first = None if held is None or held.first is None else held.first
    return _reached_object(traced, one) | {
        "rows": None if held is None else held.rows,
        "of": None if held is None else held.total,
        "first": None if first is None else {"shard": first.shard, "row": first.row},
        "declared": traced.examined is not None and one.digest in traced.examined.declared,
    }
