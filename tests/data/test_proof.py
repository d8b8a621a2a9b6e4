"""Proofs about rows: those that hold, and those that were tampered with."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.data.conftest import Files

from modelward.core import merkle
from modelward.core.digest import Digest
from modelward.core.errors import InputError, ModelwardError, Rejected
from modelward.data import proof as module
from modelward.data.index import Index, Place
from modelward.data.proof import (
    Absent,
    AnyProof,
    Present,
    index_number,
    parse,
    prove_extension,
    prove_place,
    prove_row,
)
from modelward.data.snapshot import take

ABSENT = Digest.sha256(b"no row")


@pytest.fixture(params=[1, 2, 3, 4, 5, 8, 13])
def index(request: pytest.FixtureRequest, files: Files) -> Index:
    rows = [{"text": f"row {number}"} for number in range(request.param)]
    return take(files.write("rows.jsonl", [*rows, rows[0]]), "sms")


def test_every_row_is_proved_with_its_copies(index: Index) -> None:
    for number in range(index.rows):
        proof = prove_row(index, index.digest_at(number))
        assert isinstance(proof, Present)
        assert proof.copies == (2 if number in (0, index.rows - 1) else 1)
        assert parse(proof.to_bytes()) == msgspec.structs.replace(proof, format=module.FORMAT)
        (root,) = proof.roots
        assert root == (index.subject, "set", index.distinct, index.set_root)


def test_absence_is_proved_by_neighbours_before_between_and_after(index: Index) -> None:
    rows = sorted(index.digest_at(number).raw for number in range(index.rows))
    for row in [b"\0" * 32, b"\xff" * 32, *(_after(row) for row in rows)]:
        proof = prove_row(index, Digest("sha256", row.hex()))
        assert isinstance(proof, Absent)
        proof.check()
        assert proof.number == sum(other < row for other in set(rows))


def _after(row: bytes) -> bytes:
    return (int.from_bytes(row) + 1).to_bytes(32)


def test_nothing_is_in_an_empty_dataset(files: Files, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("text\n")
    proof = prove_row(take(tmp_path / "empty.csv", "sms"), ABSENT)
    assert isinstance(proof, Absent)
    proof.check()
    with pytest.raises(Rejected, match="not that of a dataset without rows"):
        msgspec.structs.replace(proof, root=str(ABSENT)).check()


def test_every_place_is_proved(files: Files) -> None:
    files.write("d/a.jsonl", [{"n": 1}, {"n": 2}])
    files.write("d/b.jsonl", [{"n": 3}])
    index = take(files.directory / "d", "sms")
    proof = prove_place(index, Place("b.jsonl", 1))
    assert (proof.row, proof.number, proof.size) == (str(index.digest_at(2)), 2, 3)
    for place, problem in (
        (Place("c.jsonl", 1), "has no shard 'c.jsonl'"),
        (Place("a.jsonl", 3), "there is no row 3: it has 2"),
        (Place("a.jsonl", 0), "there is no row 0"),
    ):
        with pytest.raises(InputError, match=problem):
            index_number(index, place)


def test_growth_is_proved_and_a_changed_past_is_named(files: Files) -> None:
    rows = [{"n": number} for number in range(6)]
    old = files.index("old.jsonl", rows[:4])
    proof = prove_extension(files.index("new.jsonl", rows), old)
    assert [root.root for root in proof.roots] == [Digest.parse(proof.root), old.rows_root]
    prove_extension(old, old).check()
    with pytest.raises(Rejected, match=r"other.jsonl row 3 \(sha256:\S+\) is not the row that was there"):
        prove_extension(files.index("other.jsonl", [*rows[:2], *rows[4:], *rows[4:]]), old)
    with pytest.raises(Rejected, match="it has 3 rows, the former one 4"):
        prove_extension(files.index("less.jsonl", rows[:3]), old)


def test_a_proof_of_a_damaged_index_is_not_given_out(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    index = files.index("rows.jsonl", [{"n": number} for number in range(9)])
    monkeypatch.setattr(Index, "set_root", Digest.sha256(b"other"), raising=False)
    object.__setattr__(index, "set_root", Digest.sha256(b"other"))
    with pytest.raises(InputError, match="the index is damaged"):
        prove_row(index, index.digest_at(0))


# --- hostile proofs ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Index:
    path = tmp_path_factory.mktemp("proof") / "rows.jsonl"
    path.write_text("".join(f'{{"n": {number}}}\n' for number in range(11)))
    return take(path, "sms")


def altered(proof: AnyProof, **fields: Any) -> AnyProof:
    value = json.loads(proof.to_bytes()) | fields
    return parse(json.dumps(value).encode())


def in_order(index: Index) -> list[Digest]:
    return sorted(index.digest_at(number) for number in range(index.rows))


def test_more_copies_than_there_are_cannot_be_claimed(rows: Index) -> None:
    with pytest.raises(Rejected, match="not in the tree with this root"):
        altered(prove_row(rows, rows.digest_at(3)), copies=2).check()


def test_a_row_that_is_there_cannot_be_hidden_between_far_neighbours(rows: Index) -> None:
    before, hidden, after = in_order(rows)[3:6]
    real = prove_row(rows, hidden)
    for size in range(1, 16):
        for number in range(16):
            leaves = {number - 1, number} & set(range(size))
            hashes = [b"x" * 32] * len(merkle.ranges_beside(leaves, size)) if leaves else []
            claimed = Absent(
                subject=real.subject,
                root=real.root,
                size=size,
                row=str(hidden),
                number=number,
                before=module.Neighbour(str(before), 1),
                after=module.Neighbour(str(after), 1),
                hashes=base64.b64encode(b"".join(hashes)).decode(),
            )
            with pytest.raises(Rejected):
                claimed.check()


def test_the_first_or_last_row_cannot_be_claimed_by_another_size(rows: Index) -> None:
    # The path of an inner row, told as that of the last row of a smaller tree: the root would differ.
    order = in_order(rows)
    inner = prove_row(rows, order[4])
    for size in range(1, 11):
        forged = Absent(
            subject=inner.subject,
            root=inner.root,
            size=size,
            row=f"sha256:{'f' * 64}",
            number=size,
            before=module.Neighbour(str(order[4]), 1),
            hashes=inner.hashes,
        )
        with pytest.raises(Rejected):
            forged.check()


@pytest.mark.parametrize("swap", ["before", "after"])
def test_neighbours_must_be_on_either_side(rows: Index, swap: str) -> None:
    order = in_order(rows)
    proof = json.loads(prove_row(rows, Digest("sha256", _after(order[4].raw).hex())).to_bytes())
    other = order[0] if swap == "before" else order[9]
    with pytest.raises(Rejected, match="the row does not come"):
        parse(json.dumps(proof | {"row": str(other)}).encode()).check()
    with pytest.raises(Rejected, match="does not name the neighbours"):
        parse(json.dumps({key: part for key, part in proof.items() if key != swap}).encode()).check()


def test_a_row_cannot_be_claimed_at_another_place(rows: Index) -> None:
    proof = prove_place(rows, Place("rows.jsonl", 4))
    for number in range(20):
        if number != 3:
            with pytest.raises(Rejected):
                altered(proof, number=number).check()


def test_an_inner_node_is_no_row(rows: Index) -> None:
    proof = prove_place(rows, Place("rows.jsonl", 1))
    node = rows.rows_hash(0, 2)
    path = base64.b64encode(b"".join(proof.path[1:])).decode()
    with pytest.raises(Rejected):
        altered(proof, row=f"sha256:{node.hex()}", size=6, hashes=path).check()


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, (*path, key))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("sha256:" + "0" * 64),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
def test_a_changed_proof_is_refused_in_our_words(rows: Index, data: st.DataObject) -> None:
    made: AnyProof = data.draw(
        st.sampled_from(
            [
                prove_row(rows, rows.digest_at(2)),
                prove_row(rows, ABSENT),
                prove_place(rows, Place("rows.jsonl", 7)),
                prove_extension(rows, rows),
            ]
        )
    )
    value = json.loads(made.to_bytes())
    path = data.draw(st.sampled_from([path for path in _paths(value) if path]))
    place = value
    for key in path[:-1]:
        place = place[key]
    former, place[path[-1]] = place[path[-1]], data.draw(_JSON)
    try:
        proof = parse(json.dumps(value).encode())
        proof.check()
    except ModelwardError:
        return
    # What passes says the same of the same roots: the subject is bound by the snapshot alone.
    assert path[-1] in ("subject", "size", "number") or place[path[-1]] == former


@given(st.binary(max_size=200))
def test_any_bytes_are_a_proof_or_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        parse(data)


@given(st.integers(0, 1 << 62), st.integers(0, 1 << 62), st.integers(0, 200))
def test_huge_trees_take_no_time(rows: Index, size: int, number: int, hashes: int) -> None:
    proof = prove_row(rows, rows.digest_at(0))
    try:
        altered(proof, size=size, number=number, hashes=base64.b64encode(b"y" * 32 * hashes).decode()).check()
    except ModelwardError:
        return
    raise AssertionError("a forged path was taken for one")


@pytest.mark.parametrize(
    "hashes", ["AAAA", "####", "A" * 43, base64.b64encode(b"z" * 33).decode(), "A" * 42 + "B="]
)
def test_hashes_that_are_none_are_refused(rows: Index, hashes: str) -> None:
    with pytest.raises(Rejected, match="the hashes of the proof"):
        altered(prove_row(rows, rows.digest_at(0)), hashes=hashes).check()


def test_a_proof_of_ten_million_rows_is_under_two_kilobytes() -> None:
    size = 10_000_000

    def of(leaves: set[int], make: Callable[..., AnyProof], **fields: Any) -> int:
        beside = merkle.ranges_beside(leaves, size)
        hashes = base64.b64encode(b"h" * 32 * len(beside)).decode()
        subject = f"dirHash:{'a' * 64}"
        return len(make(subject=subject, root=str(ABSENT), size=size, hashes=hashes, **fields).to_bytes())

    assert of({7}, Present, row=str(ABSENT), number=7, copies=1) < 1700
    near = module.Neighbour(str(ABSENT), 1)
    sizes = [
        of({n - 1, n}, Absent, row=str(ABSENT), number=n, before=near, after=near) for n in range(1, 1 << 13)
    ]
    assert sum(size < 2048 for size in sizes) / len(sizes) > 0.99
