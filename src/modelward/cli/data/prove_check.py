"""Checking a proof about rows: it holds, and its root is that of a snapshot that somebody signed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from modelward.attest.bundle import MAX_BUNDLE_BYTES, Bundle
from modelward.attest.predicates import Snapshot
from modelward.cli import output
from modelward.cli.config import load_config
from modelward.cli.public_key import load_public_key, read_capped
from modelward.cli.publish import open_registry
from modelward.core.digest import Digest
from modelward.core.errors import EXIT_CANNOT_TELL, EXIT_YES, InputError, Rejected, UsageError
from modelward.core.escape import escape
from modelward.data.proof import MAX_BYTES, Absent, AnyProof, At, Extends, Present, Root, parse


class Signed(NamedTuple):
    """A snapshot whose signature holds, and whose key that is."""

    subject: Digest
    snapshot: Snapshot
    signer: str


def said(proof: AnyProof) -> str:
    """What a proof says, in words."""
    if isinstance(proof, Present):
        copies = "once" if proof.copies == 1 else f"{proof.copies:,} times"
        return f"row {proof.row} is in it, {copies}"
    if isinstance(proof, Absent):
        return f"row {proof.row} is not in it"
    if isinstance(proof, At):
        return f"row {proof.row} is number {proof.number + 1:,} of its {proof.size:,} rows"
    return f"its {proof.size:,} rows begin with the {proof.former.size:,} of {proof.former.subject}"


def check_proof(
    path: Path,
    row: str | None,
    statements: Sequence[Path],
    key: str | None,
    registry: Path | None,
    *,
    as_json: bool,
) -> int:
    """Check the proof in a file, print the answer, give its exit code.

    Raises Rejected if it does not hold, is about another row than `row`, or its root is not signed;
    InputError, UsageError.
    """
    try:
        proof = parse(read_capped(path, MAX_BYTES))
        proof.check()
    except (InputError, Rejected) as error:
        error.where = error.where or str(path)
        raise
    if row is not None and getattr(proof, "row", None) != str(Digest.parse(row)):
        raise Rejected(f"the proof is not about row {Digest.parse(row)}", where=str(path), help=said(proof))
    found = [_signed_root(root, _candidates(root, statements, key, registry), path) for root in proof.roots]
    signed = [one for one in found if one is not None]
    if as_json:
        output.answer_json(_as_object(proof, signed))
    else:
        _answer(proof, signed)
        if key is not None:
            output.note("not checked: whether to trust the key, and whether it was revoked")
    return EXIT_YES if signed else EXIT_CANNOT_TELL


def _answer(proof: AnyProof, signed: Sequence[Signed]) -> None:
    if not signed:
        output.answer(f"not known: {said(proof)}, if {proof.root} is the root of {proof.subject}")
        output.note("nobody is named who signed the root: anybody can make one")
        output.note("help: pass --registry DIR, or --statement BUNDLE --key PUBLIC_KEY")
        return
    newest = signed[0]
    output.answer(f"PROVED: {said(proof)}")
    output.answer(f"  dataset    {escape(newest.snapshot.dataset)} ({newest.subject})")
    if isinstance(proof, At):
        output.answer(f"  place      {escape(place(proof.number, newest.snapshot))}")
    for one in signed:
        name = escape(one.snapshot.dataset)
        output.answer(f"  root       of the snapshot of {name} signed by {escape(one.signer)}")


def place(number: int, snapshot: Snapshot) -> str:
    """Where row `number` (from 0) is, by the shards of a signed snapshot. Raises Rejected past its end."""
    for shard in snapshot.shards:
        if number < shard.rows:
            return f"{shard.path} row {number + 1:,}"
        number -= shard.rows
    raise Rejected("the snapshot's shards do not have so many rows")


def _candidates(
    root: Root, statements: Sequence[Path], key: str | None, registry: Path | None
) -> list[Signed] | None:
    """The signed snapshots that may have the root; None where nothing is named to look in."""
    if statements and key is not None:
        public = load_public_key(key)
        bundles = [_bundle(path) for path in statements]
        for path, bundle in zip(statements, bundles, strict=True):
            try:
                bundle.check_signature(public)
            except Rejected as error:
                error.where = error.where or str(path)
                raise
        return list(_snapshots((bundle, public.label) for bundle in bundles))
    if key is not None:
        raise UsageError("--key says who signed a --statement", help="add --statement BUNDLE")
    if registry is None and load_config().registry is None:
        if statements:
            raise UsageError("whose signature is on it?", help="add --key PUBLIC_KEY, or --registry DIR")
        return None
    with open_registry(registry) as opened:
        if statements:
            verified = [opened.verified(_bundle(path)) for path in statements]
        else:
            verified = opened.statements_about(root.subject)
        return list(_snapshots((one.bundle, one.principal.name) for one in verified))


def _snapshots(bundles: Iterable[tuple[Bundle, str]]) -> Iterable[Signed]:
    for bundle, signer in bundles:
        statement = bundle.statement
        if statement.predicate_type == Snapshot.TYPE:
            yield Signed(statement.subject, statement.typed(Snapshot), signer)


def _bundle(path: Path) -> Bundle:
    try:
        return Bundle.from_bytes(read_capped(path, MAX_BUNDLE_BYTES))
    except InputError as error:
        error.where = error.where or str(path)
        raise


def _signed_root(root: Root, candidates: list[Signed] | None, path: Path) -> Signed | None:
    if candidates is None:
        return None
    for signed in reversed(candidates):
        if signed.subject == root.subject and _has(signed.snapshot, root):
            return signed
    raise Rejected(
        f"no signed snapshot has this root: {root.root} over {root.size:,}"
        f" {'rows' if root.tree == 'rows' else 'different rows'} of {root.subject}",
        where=str(path),
        help="anybody can make a proof of rows of their own; ask for one of the recorded dataset",
    )


def _has(snapshot: Snapshot, root: Root) -> bool:
    if root.tree == "rows":
        return (snapshot.rows_root, snapshot.rows) == (str(root.root), root.size)
    return snapshot.set_root == str(root.root) and snapshot.distinct in (None, root.size)


def _as_object(proof: AnyProof, signed: Sequence[Signed]) -> dict[str, object]:
    value: dict[str, object] = {
        "proved": bool(signed),
        "subject": proof.subject,
        "dataset": signed[0].snapshot.dataset if signed else None,
        "signedBy": [one.signer for one in signed],
    }
    if isinstance(proof, Extends):
        return value | {"extends": proof.former.subject, "rows": proof.size, "formerRows": proof.former.size}
    value["row"] = proof.row
    if isinstance(proof, At):
        where = place(proof.number, signed[0].snapshot) if signed else None
        return value | {"number": proof.number + 1, "place": where}
    return value | {"copies": proof.copies if isinstance(proof, Present) else 0}
