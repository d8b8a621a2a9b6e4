"""Sealed batches: a shard, its index, its signed statements, and its place in the growing whole.

Sealing batch N writes, in this order, each whole or not at all:

1. `rows/N.jsonl`: the rows of the journal, never changed again.
2. `batches/N.index.parquet`: the index of their snapshot.
3. `batches/N.facts.json`: what is about to be signed, with its times.
4. the ledger signs or publishes it; `batches/N.bundles.jsonl` is what it gives.
5. `batches/N.proof.json`: that the whole goes on from the former one.
6. `batches/N.json`: the receipt. **This is the commit.** Then the journal goes.

A sealing that was killed is done again from its journal, with the facts of step 3 if they were written: the
same statements, which a log that holds them does not take twice.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from modelward.artifact.hashing import hash_file
from modelward.artifact.manifest import Entry, Manifest
from modelward.core import atomic, merkle, strict_json
from modelward.core.digest import Digest
from modelward.core.errors import InputError, Rejected
from modelward.data import proof
from modelward.data.capture import journal
from modelward.data.capture.growth import Growth
from modelward.data.capture.stamps import OPTIONS
from modelward.data.custody import check
from modelward.data.declaration import Declaration
from modelward.data.index import Index
from modelward.data.ledger import CUSTODY_TYPE, SNAPSHOT_TYPE, Fact, Ledger
from modelward.data.rows import leaf_hashes
from modelward.data.snapshot import take

_MAX_FILE = 64 << 20


class Whole(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """All batches up to one: dirHash of `rows/`, rows, ordered root, the right edge of the tree."""

    digest: str
    rows: int
    rows_root: str
    complete: list[str]


class Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A sealed batch. `columns` are the kinds of the capture's columns after it."""

    batch: int
    rows: int
    subject: str
    rows_root: str
    set_root: str
    index: str
    whole: Whole
    columns: list[Any]
    statements: str


class Batch(NamedTuple):
    """A sealed batch, for people and programs: its number, file, rows, digest, and the root of the whole."""

    number: int
    path: Path
    rows: int
    subject: Digest
    whole_rows: int
    whole_root: Digest


class Batches:
    """The sealed batches of a capture's directory."""

    def __init__(self, directory: Path, name: str, declaration: Declaration) -> None:
        """Read the receipts. Raises InputError if one is missing or damaged."""
        self.rows, self.batches = directory / "rows", directory / "batches"
        self._name, self._declaration = name, declaration
        for path in (self.rows, self.batches):
            atomic.make_directories(path)
        for leftover in self.batches.glob(".*"):  # of a process that was killed while it wrote
            leftover.unlink()
        numbers = sorted(int(path.stem) for path in self.batches.glob("*.json") if path.stem.isdecimal())
        if numbers != list(range(1, len(numbers) + 1)):
            raise InputError("a receipt is missing: they are not numbered from 1", where=str(self.batches))
        self.receipts = [_receipt(self.batches / f"{number:08}.json", number) for number in numbers]

    @property
    def last(self) -> Receipt | None:
        """The newest receipt."""
        return self.receipts[-1] if self.receipts else None

    def shard(self, number: int) -> Path:
        """The file of a batch."""
        return self.rows / f"{number:08}.jsonl"

    def batch(self, receipt: Receipt) -> Batch:
        """A receipt, for people."""
        whole = receipt.whole
        subject, root = Digest.parse(receipt.subject), Digest.parse(whole.rows_root)
        return Batch(receipt.batch, self.shard(receipt.batch), receipt.rows, subject, whole.rows, root)

    def seal(self, journal_path: Path, columns: list[Any], ledger: Ledger) -> Receipt:
        """Seal the next batch from its journal. Raises InputError, Rejected; then it can be done again."""
        number = len(self.receipts) + 1
        shard = self._write_shard(journal_path, number)
        with take(shard, self._name, OPTIONS) as index:
            index_digest = index.write(self._beside(number, "index.parquet"))
            whole, hashes = self._grown(index)
            facts = self._facts(number, index, whole, hashes)
            lines = ledger.record(facts)
            self._write(number, ledger.suffix, b"".join(line + b"\n" for line in lines))
            if former := self.last:
                self._write(number, "proof.json", _proof(whole, former.whole, hashes).to_bytes())
            receipt = Receipt(
                number,
                index.rows,
                str(index.subject),
                str(index.rows_root),
                str(index.set_root),
                str(index_digest),
                whole,
                columns,
                ledger.suffix,
            )
        self._write(number, "json", strict_json.dumps(msgspec.to_builtins(receipt)))
        self.receipts.append(receipt)
        return receipt

    def _beside(self, number: int, what: str) -> Path:
        return self.batches / f"{number:08}.{what}"

    def _write(self, number: int, what: str, data: bytes) -> None:
        atomic.write_bytes(self._beside(number, what), data)

    def _write_shard(self, source: Path, number: int) -> Path:
        """The rows as they are in the journal. Made outside `rows`, where nothing but shards may lie."""
        shard, made = self.shard(number), source.with_suffix(".rows")
        with atomic.replacing(made, mode=0o444) as stream:
            stream.writelines(journal.rows(source, number))
        os.replace(made, shard)
        atomic.fsync_directory(self.rows)
        return shard

    def _grown(self, index: Index) -> tuple[Whole, list[bytes]]:
        """The whole with this batch, and the hashes that prove that it goes on from the former one."""
        former = self.last.whole if self.last else Whole("", 0, "", [])
        leaves = leaf_hashes(row for batch in index.batches(["row"]) for row in batch.column(0).to_pylist())
        grown, hashes = Growth.parse(former.rows, former.complete).extended(leaves)
        entries = [
            Entry(self.shard(receipt.batch).name, Digest.parse(receipt.subject)) for receipt in self.receipts
        ]
        entries.append(Entry(index.name, index.subject))
        digest = Manifest.of(entries).digest
        return Whole(
            str(digest), grown.rows, str(grown.root), [node.hex() for node in grown.complete]
        ), hashes

    def _facts(self, number: int, index: Index, whole: Whole, hashes: list[bytes]) -> list[Fact]:
        """What is signed of the batch: as it was noted, if this is not the first try."""
        noted = self._beside(number, "facts.json")
        if noted.exists():
            known = [Fact(item[0], Digest.parse(item[1]), item[2], item[3]) for item in _read_json(noted)]
            if len(known) == 2 and known[0].predicate.get("index") == str(index.digest):
                return known
        former = self.last.whole if self.last else None
        growth: dict[str, Any] = {"batch": number, "whole": _named(whole)}
        if former:
            growth |= {"former": _named(former), "hashes": base64.b64encode(b"".join(hashes)).decode()}
        (claim,) = check("collect", [], [index], declaration=self._declaration)
        facts = [
            Fact(index.name, index.subject, SNAPSHOT_TYPE, index.predicate() | {"supersedes": []}),
            Fact(claim.name, claim.subject, CUSTODY_TYPE, claim.predicate | {"grows": growth}),
        ]
        plain = [[fact.name, str(fact.subject), fact.type, fact.predicate] for fact in facts]
        self._write(number, "facts.json", strict_json.dumps(plain))
        return facts

    def audit(self) -> None:
        """Read all batches again: shards, roots, and that each whole goes on from the former.

        Raises Rejected, naming the first file that is not what its receipt says.
        """
        former, entries = Growth(), []
        for receipt in self.receipts:
            shard = self.shard(receipt.batch)
            if not shard.is_file() or str(hash_file(shard)) != receipt.subject:
                raise Rejected("the file is not the one that was sealed", where=str(shard))
            with take(shard, self._name, OPTIONS) as index:
                found = (index.rows, str(index.subject), str(index.rows_root), str(index.set_root))
                if found != (receipt.rows, receipt.subject, receipt.rows_root, receipt.set_root):
                    raise Rejected("the rows are not those that were sealed", where=str(shard))
                leaves = leaf_hashes(
                    row for batch in index.batches(["row"]) for row in batch.column(0).to_pylist()
                )
            grown, hashes = former.extended(leaves)
            merkle.verify_consistency(former.rows, former.root.raw, grown.rows, grown.root.raw, hashes)
            entries.append(Entry(shard.name, index.subject))
            whole = (str(Manifest.of(entries).digest), grown.rows, str(grown.root))
            if whole != (receipt.whole.digest, receipt.whole.rows, receipt.whole.rows_root):
                where = str(self._beside(receipt.batch, "json"))
                raise Rejected("the batch does not go on from those before it", where=where)
            former = grown
        strange = sorted({path.name for path in self.rows.iterdir()} - {entry.name for entry in entries})
        if strange:
            raise Rejected("this file was not sealed", where=str(self.rows / strange[0]))


def _named(whole: Whole) -> dict[str, Any]:
    return {"digest": whole.digest, "rows": whole.rows, "rowsRoot": whole.rows_root}


def _proof(whole: Whole, former: Whole, hashes: Sequence[bytes]) -> proof.Extends:
    return proof.Extends(
        subject=whole.digest,
        root=whole.rows_root,
        size=whole.rows,
        former=proof.Former(former.digest, former.rows_root, former.rows),
        hashes=base64.b64encode(b"".join(hashes)).decode(),
    )


def _receipt(path: Path, number: int) -> Receipt:
    try:
        receipt = msgspec.convert(_read_json(path), Receipt)
    except msgspec.ValidationError as error:
        raise InputError(f"the receipt is damaged: {error}", where=str(path)) from None
    if receipt.batch != number:
        raise InputError(f"the receipt is that of batch {receipt.batch}", where=str(path))
    return receipt


def _read_json(path: Path) -> Any:
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_FILE + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
    return strict_json.loads(data, what=str(path), max_bytes=_MAX_FILE)
