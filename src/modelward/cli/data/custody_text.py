"""How a chain of custody reads, as text and as JSON: a grade before everything that is told.

`attested` is a statement that was verified, `checked` what the row digests prove, `observed` what a run saw,
`declared` a person's word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from modelward.attest.predicates import Custody, Provenance, Snapshot
from modelward.attest.predicates.custody import DECLARED
from modelward.attest.roles import ROLES
from modelward.cli.row_difference import counted
from modelward.core.digest import Digest
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.registry.custody_chain import Link, Step
    from modelward.registry.lineage import Said

_MAX_WORDS = 300
#: What `claim` of a custody statement is called in a list of grades.
_GRADES = {"checked": "checked", "mapped": "checked", "declared": "declared"}


def lines(link: Link, names: Mapping[Digest, str]) -> Iterator[str]:
    """A dataset and the steps that made it; `names` are those of its inputs."""
    yield f"{escape(link.name) or '(unnamed)'}  {link.digest}"
    if link.snapshot is not None:
        yield _line("snapshot", "attested", f"{_rows_of(link.snapshot)}; {_signed(link.snapshot)}")
    for step in link.steps:
        yield from _step(step, names)
    for said in link.former:
        yield _line(_kind(said), "REFUSED", f"{escape(said.problem)}; {_signed(said)}")
    for problem in link.problems:
        yield _line("", "MISSING", escape(problem))


def as_object(link: Link) -> dict[str, Any]:
    """The same for JSON."""
    return {
        "name": link.name,
        "digest": str(link.digest),
        "snapshot": None if link.snapshot is None else _said(link.snapshot),
        "steps": [
            _said(step.said)
            | {
                "grade": grade(step),
                "inputs": [{"name": origin.name, "digest": str(origin.digest)} for origin in step.origins],
                "declared": declared(step.custody) if step.custody else {},
            }
            for step in link.steps
        ],
        "refused": [_said(said) | {"problem": said.problem} for said in link.former],
        "problems": list(link.problems),
    }


def grade(step: Step) -> str:
    """How far a step is known: `checked` from the rows, `observed` by a run, or `declared`."""
    return "observed" if step.custody is None else _GRADES[step.custody.claim]


def declared(custody: Custody) -> dict[str, Any]:
    """The fields that are the signer's word and say something."""
    fields = msgspec.to_builtins(custody)
    names = {name: name.split("_")[0] + "".join(map(str.title, name.split("_")[1:])) for name in DECLARED}
    return {
        names[name]: _filled(fields[names[name]])
        for name in sorted(DECLARED)
        if fields.get(names[name]) not in (None, "", [], {}, ())
    }


def _step(step: Step, names: Mapping[Digest, str]) -> Iterator[str]:
    known = [names.get(origin.digest) or origin.name or origin.digest.short for origin in step.origins]
    origins = ", ".join(map(escape, known))
    claim = step.custody
    if claim is None:
        name = step.said.statement.typed(Provenance).build_definition.external_parameters.get("step")
        shown = escape(name, limit=60) if isinstance(name, str) else "a run"
        yield _line("run", "observed", f"{shown}, from {origins or 'nothing recorded'}")
    else:
        rows = f"{claim.rows.input:,} rows in, {claim.rows.output:,} out, {claim.rows.dropped:,} dropped"
        if not step.origins:
            rows = counted(claim.rows.output, "row")
        of = f" from {origins}" if origins else ""
        yield _line(claim.operation, grade(step), f"{rows}{';' + of if of else ''}")
        if claim.claim == "mapped":
            yield _line("", "declared", "what became of each row")
        for field, value in declared(claim).items():
            yield _line("", "declared", f"{_words(field)}: {escape(_shown(value), limit=_MAX_WORDS)}")
    yield _line("", "attested", _signed(step.said))


def _line(what: str, grade: str, text: str) -> str:
    return f"  {what:<10}  {grade:<8}  {text}"


def _signed(said: Said) -> str:
    roles = [role for role in said.roles if said.statement.predicate_type in ROLES[role]]
    shown = f" ({', '.join(roles)})" if roles else ""
    return f"signed by {escape(said.signer)}{shown}, log entry {said.index}, statement {said.id.short}"


def _rows_of(said: Said) -> str:
    snapshot = said.statement.typed(Snapshot)
    return f"{counted(snapshot.rows, 'row')} in {counted(len(snapshot.shards), 'shard')}"


def _kind(said: Said) -> str:
    if said.is_a(Custody):
        return said.statement.typed(Custody).operation
    return "snapshot" if said.is_a(Snapshot) else "run"


def _said(said: Said) -> dict[str, Any]:
    return {
        "kind": _kind(said),
        "signedBy": said.signer,
        "roles": list(said.roles),
        "statement": str(said.id),
        "entry": said.index,
    }


def _words(field: str) -> str:
    """`personalData` as `personal data`."""
    return "".join(f" {char.lower()}" if char.isupper() else char for char in field)


def _filled(value: Any) -> Any:
    """Without the parts that say nothing."""
    if isinstance(value, dict):
        return {key: _filled(inner) for key, inner in value.items() if inner not in (None, "")}
    return [_filled(inner) for inner in value] if isinstance(value, list | tuple) else value


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        if set(value) == {"name", "digest"}:
            return f"{value['name']} ({Digest.parse(value['digest']).short})"
        if "uri" in value:
            rest = ", ".join(f"{_words(key)} {_shown(inner)}" for key, inner in value.items() if key != "uri")
            return f"{value['uri']}{f' ({rest})' if rest else ''}"
        return ", ".join(f"{key}={_shown(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return str(value)
