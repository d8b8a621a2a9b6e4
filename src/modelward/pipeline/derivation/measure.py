"""What one tensor is to another: figures from all bytes where they can be compared, else from drawn rows.

Tensors of one type and shape are compared byte by byte, whole unless over 2% differ. Correlation, size and
rank of the difference come from rows drawn by a seed that nobody knew when the model was made, or from all of
a smaller tensor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import lru_cache
from math import ceil, isfinite, prod, sqrt
from random import Random
from typing import Any, Literal

from msgspec import Struct, field

from modelward.core.errors import InputError
from modelward.formats.source import Source
from modelward.pipeline.derivation.numbers import BLOCKS, QUANTISED, ROUNDING, decode, numpy
from modelward.pipeline.derivation.weights import Entry, Weights

State = Literal[
    "equal", "near", "low-rank", "sparse", "pruned", "quantised", "shuffled", "constant", "unclear",
    "unrelated", "reshaped", "added", "unread",
]  # fmt: skip

#: Correlation from which two tensors are one and the same with changes, and up to which they are strangers.
RELATED, STRANGERS = 0.5, 0.1
#: The latter grows by so many standard errors.
ERRORS = 4.0
#: A difference in up to this share of the elements is sparse; zeros from this share on are pruning.
SPARSE, PRUNED = 0.01, 0.05
#: What is left of a pruned tensor agrees with the base from this cosine on.
KEPT = 0.9
#: Matrices of fewer elements have no vote.
FEWEST = 256
#: Elements that are drawn from a larger tensor, at least, and of how many at once.
SAMPLE, PIECE = 1 << 18, 1 << 15
#: Rows that are drawn for the rank of a difference, and columns of its sketch.
RANK_ROWS, SKETCH = 192, 128
#: Of the energy of a difference, what a low rank may leave; or so many times what rounding explains.
LEFT, NOISE = 0.02, 3.0
_WIDEST = 1 << 16
_BYTES = 1 << 19
_HUGE = 1e15


class Side(Struct, frozen=True):
    """A tensor of one of the models. `turned` heads: its rows are in GGUF's order of rotary halves."""

    weights: Weights
    entry: Entry
    turned: int = 0


class Figures(Struct):
    """What was measured. `changed`: the share of elements that differ, None where types do; `relative`: the
    size of the difference to that of the base; `rank`: of the difference, where it is low.
    """

    state: State = "unread"
    votes: bool = False
    examined: int = 0
    changed: float | None = None
    correlation: float | None = None
    relative: float | None = None
    zeros: float = 0.0
    rank: int | None = None


class _Sums(Struct):
    """Sums over the examined elements; a: the model, b: the base."""

    count: int = 0
    a: float = 0.0
    b: float = 0.0
    aa: float = 0.0
    bb: float = 0.0
    ab: float = 0.0
    dd: float = 0.0
    differ: int = 0
    pruned: int = 0
    kept_bb: float = 0.0
    kept: int = 0
    strange: bool = False
    rows: int = 0
    gram: Any = field(default=None)
    base_gram: Any = field(default=None)


def measure(model: Side, base: Side, seed: str, *, thorough: bool = False) -> Figures:
    """The figures of two tensors with the same rows, or rows added at the end. Raises InputError."""
    left, right = model.entry, base.entry
    shape = _common(left.shape, right.shape)
    if shape is None or not (left.readable and right.readable) or not prod(shape):
        return Figures()
    with ExitStack() as stack:
        a = stack.enter_context(model.weights.open(left.name))
        b = stack.enter_context(base.weights.open(right.name))
        changed = _changed(a, b, left.dtype) if _same_bytes(model, base) else None
        if changed == 0 and len(shape) < 2:
            return Figures(state="equal", examined=left.elements, changed=0.0, correlation=1.0, relative=0.0)
        sums = _Sums()
        for rows, columns, start, stop in _drawn(shape, f"{seed}:{left.name}", model, base, thorough):
            first = _rows(a, model, start, stop, columns)
            second = first if changed == 0 else _rows(b, base, start, stop, columns)
            _add(sums, first, second, rows=rows, columns=columns, sketched=changed != 0)
            if changed == 0:
                break  # enough to tell whether it is more than a constant
    return _figures(sums, shape, left, right, changed)


def _common(left: tuple[int, ...], right: tuple[int, ...]) -> tuple[int, ...] | None:
    """The shape that both have, or of the rows that both have."""
    if left == right:
        return left or (1,)
    if len(left) == len(right) >= 2 and left[1:] == right[1:]:
        return (min(left[0], right[0]), *left[1:])
    return None


def _same_bytes(model: Side, base: Side) -> bool:
    same = model.entry.dtype == base.entry.dtype and model.entry.shape == base.entry.shape
    return same and model.turned == base.turned


def _changed(a: Source, b: Source, dtype: str) -> int:
    """How many elements (of blocks: bytes) differ; the rest is not read once it is too many to be sparse."""
    np = numpy()
    count, width = BLOCKS[dtype]
    item = f"u{width}" if count == 1 else "u1"
    if a.size != b.size:
        raise InputError("two tensors of one type and shape differ in size")
    found = 0
    for at in range(0, a.size, _BYTES):
        left, right = a.read(at, _BYTES), b.read(at, _BYTES)
        if len(left) != len(right) or len(left) != min(_BYTES, a.size - at):
            raise InputError("it was cut short while it was read")
        if left != right:
            found += int(np.count_nonzero(np.frombuffer(left, item) != np.frombuffer(right, item)))
            if found * width > 2 * SPARSE * a.size * (1 if count == 1 else width):
                break
    return found


def _drawn(
    shape: tuple[int, ...], seed: str, model: Side, base: Side, thorough: bool
) -> Iterator[tuple[int, int, int, int]]:
    """(all rows, columns, first row, row after the last) of each piece that is looked at."""
    columns = shape[-1] if shape[-1] >= 16 or len(shape) < 3 else prod(shape[1:])
    total = prod(shape)
    if len(shape) < 2 or columns > PIECE * 32:
        columns = 1
    rows = total // columns
    turned = max(model.turned, base.turned)
    step = max(1, PIECE // columns)
    if turned:
        head = rows // turned
        step = head * ceil(step / head)
    pieces = ceil(rows / step)
    wanted = max(8, ceil(SAMPLE / (step * columns)), ceil(RANK_ROWS / step) if columns <= _WIDEST else 0)
    chosen: Iterable[int] = range(pieces)
    if not thorough and wanted < pieces:
        chosen = sorted(Random(seed).sample(range(pieces), wanted))  # noqa: S311  from a seed that is secret
    for piece in chosen:
        yield rows, columns, piece * step, min(rows, (piece + 1) * step)


def _rows(source: Source, side: Side, start: int, stop: int, columns: int) -> Any:
    """Rows of a tensor as float32, in the order of the other formats."""
    begin, end = side.entry.place(start * columns), side.entry.place(stop * columns)
    data = source.read(begin, end - begin)
    if len(data) != end - begin:
        raise InputError("it was cut short while it was read", where=side.entry.name[:200])
    found = decode(side.entry.dtype, data).reshape(-1, columns)
    if side.turned:
        head = side.entry.shape[0] // side.turned
        found = found.reshape(-1, head // 2, 2, columns).swapaxes(1, 2).reshape(-1, columns)
    return found


def _add(sums: _Sums, a: Any, b: Any, *, rows: int, columns: int, sketched: bool) -> None:
    np = numpy()
    largest = max(float(np.abs(a).max(initial=0)), float(np.abs(b).max(initial=0)))
    if not isfinite(largest) or largest > _HUGE:
        sums.strange = True
        return
    first, second = a.reshape(-1), b.reshape(-1)
    difference = a - b
    flat = difference.reshape(-1)
    sums.count += len(first)
    sums.a += float(first.sum(dtype=np.float64))
    sums.b += float(second.sum(dtype=np.float64))
    sums.aa += float(_dot(first, first))
    sums.bb += float(_dot(second, second))
    sums.ab += float(_dot(first, second))
    sums.dd += _dot(flat, flat)
    sums.differ += int(np.count_nonzero(flat))
    kept = first != 0
    sums.kept += int(np.count_nonzero(kept))
    if not kept.all():
        sums.pruned += int(np.count_nonzero(second[~kept]))
        there = second[kept]
        sums.kept_bb += float(_dot(there, there))
    else:
        sums.kept_bb = sums.kept_bb + float(_dot(second, second))
    if sketched and 16 <= columns <= _WIDEST and rows >= 16:
        sums.rows += len(a)
        sums.gram = _gram(sums.gram, difference)
        if sums.ab < RELATED * sqrt(sums.aa) * sqrt(sums.bb):
            sums.base_gram = _gram(sums.base_gram, b)


# BLAS starts threads for each product, which is slower by far where pieces are compared side by side: einsum.


def _dot(one: Any, other: Any) -> float:
    return float(numpy().einsum("i,i->", one, other))


def _gram(former: Any, matrix: Any) -> Any:
    """The products of a sketch's columns, added up: sums of random columns, each with a random sign."""
    np = numpy()
    order, signs, starts = _sketch(matrix.shape[1])
    thin = np.add.reduceat(matrix[:, order] * signs, starts, axis=1).T.astype(np.float64)
    made = np.einsum("ik,jk->ij", thin, thin)
    return made if former is None else former + made


@lru_cache(maxsize=4)
def _sketch(columns: int) -> tuple[Any, Any, Any]:
    """Which columns are added up, with which signs: it keeps a low rank (Clarkson and Woodruff, 2013)."""
    np = numpy()
    draw = np.random.default_rng(columns)
    signs = draw.choice(np.array([-1, 1], np.float32), columns)
    width = min(SKETCH, columns)
    return draw.permutation(columns), signs, np.arange(width) * columns // width


def _figures(sums: _Sums, shape: tuple[int, ...], left: Entry, right: Entry, changed: int | None) -> Figures:
    found = Figures(examined=sums.count)
    if sums.strange or not sums.count:
        found.state, found.votes = "unclear", len(shape) >= 2 and prod(shape) >= FEWEST
        return found
    n = sums.count
    spread_a, spread_b = (
        max(0.0, square - total * total / n) for square, total in ((sums.aa, sums.a), (sums.bb, sums.b))
    )
    varied_a, varied_b = (
        spread > 1e-9 * square for spread, square in ((spread_a, sums.aa), (spread_b, sums.bb))
    )
    found.votes = len(shape) >= 2 and prod(shape) >= FEWEST and (varied_a or varied_b)
    if changed == 0:
        found.examined = left.elements
        found.changed, found.relative, found.correlation, found.state = 0.0, 0.0, 1.0, "equal"
        return found
    if changed is not None:
        share = min(1.0, changed / left.elements)
        found.changed = share if share <= SPARSE else max(share, sums.differ / n)
    found.relative = min(sqrt(sums.dd / sums.bb), 1e9) if sums.bb > 0 else None
    found.zeros = sums.pruned / n
    if varied_a and varied_b:
        covariance = sums.ab - sums.a * sums.b / n
        found.correlation = max(-1.0, min(1.0, covariance / sqrt(spread_a) / sqrt(spread_b)))
    found.rank = _rank(sums, left.dtype, shape)
    quantised = left.dtype != right.dtype and left.dtype in QUANTISED
    found.state = _state(found, sums, quantised)
    if quantised and found.correlation is not None:  # its scale may lie elsewhere
        found.relative = sqrt(max(0.0, 1 - found.correlation**2))
    return found


def _state(found: Figures, sums: _Sums, quantised: bool) -> State:
    correlation = found.correlation
    if correlation is None:
        if not found.votes:
            return "near" if (found.relative or 0.0) <= RELATED else "constant"
        return "unclear"
    kept = sqrt(sums.aa) * sqrt(sums.kept_bb)
    agrees = sums.kept >= 64 and kept > 0 and sums.ab / kept >= KEPT
    few = found.changed is not None and found.changed <= SPARSE
    if few and (correlation >= RELATED or 2 * sums.kept > sums.count):
        return "sparse"
    if found.zeros >= PRUNED and agrees and not (quantised and correlation >= KEPT):
        return "pruned"
    if found.rank is not None and (correlation >= RELATED or 4 * found.rank < _base_rank(sums)):
        return "low-rank"
    if correlation >= RELATED:
        return "quantised" if quantised else "near"
    return "unrelated" if correlation <= STRANGERS + ERRORS / sqrt(sums.count) else "unclear"


def _rank(sums: _Sums, dtype: str, shape: tuple[int, ...]) -> int | None:
    """The rank of the difference, if it is low: what is left is rounding, or little."""
    np = numpy()
    if sums.gram is None or not np.isfinite(sums.gram).all():
        return None
    values = np.clip(np.linalg.eigvalsh(sums.gram)[::-1], 0, None)
    total = float(values.sum())
    rounding = ROUNDING.get(dtype, 0.0) * sums.aa
    if total <= NOISE * rounding:
        return None
    left = total - np.cumsum(values)
    rank = 1 + int(np.argmax(left <= max(LEFT * total, NOISE * rounding)))
    return rank if rank <= min(SKETCH // 2, min(sums.rows, shape[-1]) // 4) else None


def _base_rank(sums: _Sums) -> int:
    np = numpy()
    if sums.base_gram is None:
        return 0
    values = np.clip(np.linalg.eigvalsh(sums.base_gram)[::-1], 0, None)
    left = values.sum() - np.cumsum(values)
    return 1 + int(np.argmax(left <= LEFT * values.sum()))
