"""Which tensor of the base a tensor is to be compared with: by name, by GGUF's names, or by what it holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from modelward.core.errors import InputError
from modelward.pipeline.derivation.measure import RELATED, Side
from modelward.pipeline.derivation.numbers import WEIGHTS, decode, numpy
from modelward.pipeline.derivation.weights import Entry, Weights

#: What wrappers put before names: peft, torch's compiler and data parallelism, trainers.
_WRAPPERS = re.compile(
    r"^(?:base_model\.model\.|_orig_mod\.|module\.|state_dict\.|model_state_dict\.|model\.|transformer\.)+"
)
_BLOCK = re.compile(r"^blk\.(\d+)\.(.+)\.(weight|bias)$")
_GGUF = {
    "token_embd.weight": "embed_tokens.weight", "output_norm.weight": "norm.weight", "output.weight":
    "lm_head.weight", "output_norm.bias": "norm.bias", "output.bias": "lm_head.bias",
}  # fmt: skip
_GGUF_PARTS = {
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "attn_q_norm": "self_attn.q_norm", "attn_k_norm": "self_attn.k_norm",
    "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
}  # fmt: skip
#: Pieces and elements of each that stand for a tensor when its like is looked for.
_PIECES, _EACH = 32, 256
#: Tensors of one shape that are looked through at most, and elements of one that is tried for shuffled rows.
MAX_CANDIDATES = 4096
MAX_SHUFFLED = 16 << 20
_TRIED_ROWS = 64

_GROUPS = (
    (
        "head",
        re.compile(r"^(?:\w+\.)?(?:lm_head|classifier|score|embed_out|cls|pooler|qa_outputs)\.|^output\."),
    ),
    ("embedding", re.compile(r"(?:embed|wte|wpe|(?:^|\.)shared\.)")),
    ("norm", re.compile(r"(?:norm|(?:^|\.)ln_)", re.IGNORECASE)),
    ("attention", re.compile(r"(?:attn|attention)", re.IGNORECASE)),
    ("mlp", re.compile(r"(?:mlp|ffn|fc\d|feed_forward|experts|intermediate|dense)", re.IGNORECASE)),
)


def group(name: str) -> str:
    """The part of a model that a tensor belongs to, by its name."""
    plain = plain_name(name)
    return next((found for found, pattern in _GROUPS if pattern.search(plain)), "other")


def plain_name(name: str) -> str:
    """A name as transformers has it, without what wrappers put before it."""
    if name in _GGUF:
        return _GGUF[name]
    if block := _BLOCK.match(name):
        return f"layers.{block[1]}.{_GGUF_PARTS.get(block[2], block[2])}.{block[3]}"
    return _WRAPPERS.sub("", name)


def by_name(model: Mapping[str, Entry], base: Mapping[str, Entry]) -> dict[str, str]:
    """Name in the model -> name in the base: the same, or the same but for wrappers or GGUF's way."""
    pairs = {name: name for name in model if name in base}
    plain: dict[str, list[str]] = {}
    for name in base:
        if name not in pairs:
            plain.setdefault(plain_name(name), []).append(name)
    wanted: dict[str, list[str]] = {}
    for name in model:
        if name not in pairs:
            wanted.setdefault(plain_name(name), []).append(name)
    for short, names in wanted.items():
        others = plain.get(short, [])
        if len(names) == len(others) == 1:
            pairs[names[0]] = others[0]
    return pairs


def turned(weights: Weights, name: str) -> int:
    """Heads whose rows GGUF has in another order: queries and keys of the Llama family."""
    if not weights.is_gguf or weights.heads is None:
        return 0
    short, (queries, keys) = plain_name(name), weights.heads
    heads = queries if ".q_proj." in short else keys if ".k_proj." in short else 0
    entry = weights.entries[name]
    if not heads or len(entry.shape) != 2 or entry.shape[0] % heads or entry.shape[0] // heads % 2:
        return 0
    return heads


def alike(model: Iterable[Side], base: Iterable[Side]) -> dict[str, str]:
    """Name in the model -> the tensor of the base, of the same shape, that it holds. Raises InputError."""
    np = numpy()
    shapes: dict[tuple[int, ...], tuple[list[Side], list[Side]]] = {}
    for which, sides in enumerate((model, base)):
        for side in sides:
            if side.entry.readable and side.entry.dtype in WEIGHTS and len(side.entry.shape) >= 2:
                shapes.setdefault(side.entry.shape, ([], []))[which].append(side)
    found: dict[str, str] = {}
    for wanted, others in shapes.values():
        if not wanted or not others:
            continue
        others = others[:MAX_CANDIDATES]
        known = np.stack([_signature(side) for side in others])
        for side in wanted:
            likeness = known @ _signature(side)
            best = int(np.argmax(likeness))
            if likeness[best] >= RELATED:
                found[side.entry.name] = others[best].entry.name
    return found


def _signature(side: Side) -> Any:
    """A few thousand of a tensor's elements, centred, of length 1."""
    np = numpy()
    total = side.entry.elements
    if total <= _PIECES * _EACH:
        places = [(0, total)]
    else:
        step = total // _PIECES // _EACH * _EACH
        places = [(at * step, at * step + _EACH) for at in range(_PIECES)]
    with side.weights.open(side.entry.name) as source:
        data = [
            source.read(begin, side.entry.place(stop) - begin)
            for begin, stop in ((side.entry.place(start), stop) for start, stop in places)
        ]
    if sum(map(len, data)) != sum(side.entry.place(stop) - side.entry.place(start) for start, stop in places):
        raise InputError("it was cut short while it was read", where=side.entry.name[:200])
    values = decode(side.entry.dtype, b"".join(data)).astype(np.float64)
    values = np.where(np.isfinite(values), np.clip(values, -1e15, 1e15), 0.0)
    values -= values.mean()
    return (values / max(float(np.linalg.norm(values)), 1e-300)).astype(np.float32)


def shuffled(model: Side, base: Side) -> str:
    """`rows` or `columns` where a matrix is the base's with these in another order, else nothing."""
    if model.entry.shape != base.entry.shape or len(model.entry.shape) != 2:
        return ""
    if model.entry.elements > MAX_SHUFFLED or min(model.entry.shape) < 16:
        return ""
    a, b = _whole(model), _whole(base)
    return "rows" if _rows_are_there(a, b) else "columns" if _rows_are_there(a.T, b.T) else ""


def _whole(side: Side) -> Any:
    np = numpy()
    with side.weights.open(side.entry.name) as source:
        values = decode(side.entry.dtype, source.read(0, source.size))
    if values.size != side.entry.elements:
        raise InputError("it was cut short while it was read", where=side.entry.name[:200])
    values = np.where(np.isfinite(values), np.clip(values, -1e15, 1e15), np.float32(0))
    return values.reshape(side.entry.shape)


def _rows_are_there(a: Any, b: Any) -> bool:
    """Whether nearly all of some rows of `a` are rows of `b`, and not the same one."""
    np = numpy()
    some = _unit(a[:: max(1, len(a) // _TRIED_ROWS)][:_TRIED_ROWS])
    likeness = some @ _unit(b).T
    best = likeness.argmax(axis=1)
    return bool((likeness.max(axis=1) >= 0.9).mean() >= 0.9 and len(np.unique(best)) > len(some) // 2)


def _unit(rows: Any) -> Any:
    np = numpy()
    rows = rows - rows.mean(axis=1, keepdims=True)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-30)
