"""Proofs about rows that need neither the data nor its index to be checked (docs/data.md, "Proofs").

That a row is in a dataset, and how often; that it is not, by its two neighbours in the set tree; that it is
at a place; that a dataset goes on from a former one. A proof speaks of roots: whose they are, a signed
snapshot says. The set tree proves absence only as far as who signed it sorted it, as the program does.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, ClassVar, NamedTuple, TypeVar

import msgspec

from modelward.core import merkle, strict_json
from modelward.core.digest import Digest
from modelward.core.errors import InputError, Rejected
from modelward.data.index import Index, Place

FORMAT = "modelward-row-proof/1"
#: A proof of any dataset that could exist is smaller.
MAX_BYTES = 16 << 10

_Number = Annotated[int, msgspec.Meta(ge=0, lt=1 << 62)]
_Copies = Annotated[int, msgspec.Meta(ge=1, lt=1 << 62)]
_DigestText = Annotated[str, msgspec.Meta(pattern=r"^(sha256|dirHash):[0-9a-f]{64}$(?!\n)")]
_RowText = Annotated[str, msgspec.Meta(pattern=r"^sha256:[0-9a-f]{64}$(?!\n)")]


class Root(NamedTuple):
    """What a proof rests on: a tree (`rows` or `set`) of a dataset, its leaves and its root."""

    subject: Digest
    tree: str
    size: int
    root: Digest


class Proof(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag_field="proof",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """What all proofs have: the dataset, the tree's root and size, and the hashes beside what is proved."""

    TREE: ClassVar[str]

    format: str = ""
    subject: _DigestText
    root: _RowText
    size: _Number
    hashes: str

    @property
    def roots(self) -> tuple[Root, ...]:
        """What it rests on."""
        return (Root(Digest.parse(self.subject), self.TREE, self.size, Digest.parse(self.root)),)

    @property
    def path(self) -> list[bytes]:
        """The hashes. Raises Rejected."""
        try:
            data = base64.b64decode(self.hashes, validate=True)
        except (binascii.Error, ValueError):
            raise Rejected("the hashes of the proof are not base64") from None
        if len(data) % merkle.HASH_BYTES or base64.b64encode(data).decode() != self.hashes:
            raise Rejected("the hashes of the proof are not whole")
        return [data[at : at + merkle.HASH_BYTES] for at in range(0, len(data), merkle.HASH_BYTES)]

    def check(self) -> None:
        """Raise Rejected unless the proof holds for its roots."""
        raise TypeError

    def to_bytes(self) -> bytes:
        """The proof as canonical JSON, a line."""
        return strict_json.dumps(msgspec.to_builtins(self) | {"format": FORMAT}) + b"\n"


class Present(Proof, frozen=True, kw_only=True, tag="present"):
    """A row is there, so many times: it is number `number` of the distinct rows, sorted."""

    TREE: ClassVar[str] = "set"

    row: _RowText
    number: _Number
    copies: _Copies

    def check(self) -> None:
        """See Proof."""
        leaf = _set_leaf(self.row, self.copies)
        merkle.verify_together({self.number: leaf}, self.size, self.path, Digest.parse(self.root).raw)


class Neighbour(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of the set, and its copies."""

    row: _RowText
    copies: _Copies


class Absent(Proof, frozen=True, kw_only=True, tag="absent"):
    """A row is not there: the distinct rows before and after it, in order, are neighbours.

    `number` of the distinct rows are smaller. No `before` or no `after`: it would be the first, the last.
    """

    TREE: ClassVar[str] = "set"

    row: _RowText
    number: _Number
    before: Neighbour | None = None
    after: Neighbour | None = None

    def check(self) -> None:
        """See Proof."""
        if (self.before is None) != (self.number == 0) or (self.after is None) != (self.number == self.size):
            raise Rejected("the proof does not name the neighbours of the row")
        leaves = {}
        if self.before is not None:
            if not self.before.row < self.row:
                raise Rejected("the row does not come after the one that should be before it")
            leaves[self.number - 1] = _set_leaf(self.before.row, self.before.copies)
        if self.after is not None:
            if not self.row < self.after.row:
                raise Rejected("the row does not come before the one that should be after it")
            leaves[self.number] = _set_leaf(self.after.row, self.after.copies)
        root = Digest.parse(self.root).raw
        if leaves:
            merkle.verify_together(leaves, self.size, self.path, root)
        elif root != merkle.EMPTY_ROOT or self.path:
            raise Rejected("the root is not that of a dataset without rows")


class At(Proof, frozen=True, kw_only=True, tag="place"):
    """Row `number` of a dataset, from 0 over all shards, is this one."""

    TREE: ClassVar[str] = "rows"

    row: _RowText
    number: _Number

    def check(self) -> None:
        """See Proof."""
        leaf = merkle.leaf_hash(Digest.parse(self.row).raw)
        merkle.verify_together({self.number: leaf}, self.size, self.path, Digest.parse(self.root).raw)


class Former(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The dataset that another goes on from."""

    subject: _DigestText
    root: _RowText
    size: _Number


class Extends(Proof, frozen=True, kw_only=True, tag="extends"):
    """The first rows of a dataset are all rows of the former one, in their order."""

    TREE: ClassVar[str] = "rows"

    former: Former

    @property
    def roots(self) -> tuple[Root, ...]:
        """What it rests on."""
        former = self.former
        old = Root(Digest.parse(former.subject), self.TREE, former.size, Digest.parse(former.root))
        return (*super().roots, old)

    def check(self) -> None:
        """See Proof."""
        old, new = Digest.parse(self.former.root).raw, Digest.parse(self.root).raw
        if not self.former.size and old != merkle.EMPTY_ROOT:
            raise Rejected("the root is not that of a dataset without rows")
        merkle.verify_consistency(self.former.size, old, self.size, new, self.path)


AnyProof = Present | Absent | At | Extends
P = TypeVar("P", bound=AnyProof)


def parse(data: bytes) -> AnyProof:
    """Read a proof; it is not checked yet. Raises InputError (LimitExceeded past MAX_BYTES)."""
    value = strict_json.loads(data, what="the proof", max_bytes=MAX_BYTES)
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise InputError(f"not a proof of rows ({FORMAT})", help="modelward data prove makes one")
    try:
        proof: AnyProof = msgspec.convert(value, AnyProof, strict=True)
    except msgspec.ValidationError as error:
        raise InputError(f"the proof is damaged: {error}") from None
    return proof


# --- making -----------------------------------------------------------------------------------------------


def prove_row(index: Index, row: Digest) -> Present | Absent:
    """That a row is in the dataset, or that it is not. Raises InputError if the index is damaged."""
    number = index.set_search(row.raw)
    near = index.set_pairs(max(number - 1, 0), min(number + 1, index.distinct))
    before, after = (near[0] if number else None), (near[-1] if number < index.distinct else None)
    if after is not None and after[0] == row.raw:
        return _sound(
            Present(
                subject=str(index.subject),
                root=str(index.set_root),
                size=index.distinct,
                row=str(row),
                number=number,
                copies=after[1],
                hashes=_set_hashes(index, [number]),
            ),
            index,
        )
    beside = [at for at, there in ((number - 1, before), (number, after)) if there is not None]
    return _sound(
        Absent(
            subject=str(index.subject),
            root=str(index.set_root),
            size=index.distinct,
            row=str(row),
            number=number,
            before=_neighbour(before),
            after=_neighbour(after),
            hashes=_set_hashes(index, beside),
        ),
        index,
    )


def prove_place(index: Index, place: Place) -> At:
    """Which row is at a place. Raises InputError if there is no such place, or the index is damaged."""
    number = index_number(index, place)
    ranges = merkle.ranges_beside([number], index.rows)
    return _sound(
        At(
            subject=str(index.subject),
            root=str(index.rows_root),
            size=index.rows,
            row=str(index.digest_at(number)),
            number=number,
            hashes=_encoded([index.rows_hash(start, stop) for start, stop in ranges]),
        ),
        index,
    )


def prove_extension(index: Index, former: Index) -> Extends:
    """That a dataset goes on from a former one.

    Raises Rejected, naming the first row that is another, if it does not; InputError if an index is damaged.
    """
    if former.rows > index.rows:
        raise Rejected(f"it has {index.rows:,} rows, the former one {former.rows:,}", where=index.name)
    ranges = merkle.consistency_ranges(former.rows, index.rows)
    proof = Extends(
        subject=str(index.subject),
        root=str(index.rows_root),
        size=index.rows,
        former=Former(str(former.subject), str(former.rows_root), former.rows),
        hashes=_encoded([index.rows_hash(start, stop) for start, stop in ranges]),
    )
    try:
        proof.check()
    except Rejected:
        number = _first_other(index, former)
        if number is None:
            raise _damaged(index) from None
        raise Rejected(
            f"{index.place(number)} ({index.digest_at(number).short}) is not the row that was there",
            where=index.name,
            help="modelward data diff shows what was added and removed",
        ) from None
    return proof


def index_number(index: Index, place: Place) -> int:
    """The number, from 0, of the row at a place. Raises InputError."""
    start = 0
    for shard in index.shards:
        if shard.path == place.shard:
            if not 1 <= place.row <= shard.rows:
                raise InputError(f"there is no row {place.row}: it has {shard.rows:,}", where=place.shard)
            return start + place.row - 1
        start += shard.rows
    raise InputError(f"the dataset has no shard {place.shard!r}", where=index.name)


def _first_other(index: Index, former: Index) -> int | None:
    start = 0
    rows = (row for batch in index.batches(["row"]) for row in batch.column(0).to_pylist())
    for batch in former.batches(["row"]):
        for number, old in enumerate(batch.column(0).to_pylist(), start):
            if old != next(rows, None):
                return number
        start += batch.num_rows
    return None


def _sound(proof: P, index: Index) -> P:
    """The proof, if it holds: an index that was opened without reading all of it may be damaged."""
    try:
        proof.check()
    except Rejected:
        raise _damaged(index) from None
    return proof


def _damaged(index: Index) -> InputError:
    return InputError(
        "the index is damaged: its rows are not those of its roots",
        where=index.name,
        help="restore it, or take the snapshot again",
    )


def _set_leaf(row: str, copies: int) -> bytes:
    return merkle.leaf_hash(Digest.parse(row).raw + copies.to_bytes(8, "big"))


def _set_hashes(index: Index, leaves: list[int]) -> str:
    ranges = merkle.ranges_beside(leaves, index.distinct)
    return _encoded([index.set_hash(start, stop) for start, stop in ranges])


def _encoded(hashes: list[bytes]) -> str:
    return base64.b64encode(b"".join(hashes)).decode("ascii")


def _neighbour(pair: tuple[bytes, int] | None) -> Neighbour | None:
    return None if pair is None else Neighbour(f"sha256:{pair[0].hex()}", pair[1])
