"""Comparing two checkpoints beside reading both: `python benchmarks/derivation.py [--size GB]`.

Makes a bfloat16 model of the shapes of a Llama and a full fine-tune of it, safetensors of `--size` GB each,
and takes the median of reading both files (1 MiB at a time), and of `compare`, in turns with a warm cache.
Prints both, how many times as long comparing takes, and its peak of memory. Exit code 1 above the target.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from modelward.formats.checkpoint import Tensor
from modelward.formats.pickle.storages import Storage
from modelward.formats.safetensors_layout import layout
from modelward.pipeline.derivation.compare import compare

TARGET = 1.5
RUNS = 3
WIDTH, INNER, WORDS = 2048, 5632, 32_000


def shapes(total: int) -> dict[str, tuple[int, int]]:
    """Names and shapes of a model of about `total` bytes."""
    found = {"model.embed_tokens.weight": (WORDS, WIDTH), "lm_head.weight": (WORDS, WIDTH)}
    layer = 0
    while sum(rows * columns * 2 for rows, columns in found.values()) < total:
        at = f"model.layers.{layer}."
        found |= {f"{at}self_attn.{part}_proj.weight": (WIDTH, WIDTH) for part in "qkvo"}
        found |= {f"{at}mlp.{part}_proj.weight": (INNER, WIDTH) for part in ("gate", "up")}
        found[f"{at}mlp.down_proj.weight"] = (WIDTH, INNER)
        layer += 1
    return found


def bfloat16(values: np.ndarray) -> bytes:
    """Cut to the upper halves."""
    return (values.astype("<f4").view("<u4") >> 16).astype("<u2").tobytes()


def write(model: Path, base: Path, total: int) -> None:
    """The two files, tensor by tensor."""
    draw = np.random.default_rng(0)
    named = [
        Tensor(name, "BF16", shape, Storage("0", "BFloat16Storage", 0, 2), 0, (shape[1], 1))
        for name, shape in shapes(total).items()
    ]
    order = layout(named, {})
    with model.open("wb") as tuned, base.open("wb") as plain:
        tuned.write(order.header)
        plain.write(order.header)
        for tensor in order.tensors:
            for _ in range(tensor.shape[0] // 32):
                values = draw.standard_normal((32, tensor.shape[1]), np.float32) * 0.02
                plain.write(bfloat16(values))
                tuned.write(bfloat16(values + draw.standard_normal(values.shape, np.float32) * 0.002))


def read(*paths: Path) -> None:
    """Read the files once, doing nothing with them."""
    block = bytearray(1 << 20)
    for path in paths:
        with path.open("rb", buffering=0) as stream:
            while stream.readinto(block):
                pass


def timed(work: Callable[[], object]) -> float:
    """Wall-clock seconds."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=float, default=2.0, help="GB of each checkpoint")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--directory", type=Path, help="where to make the files (default: a temporary one)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.directory) as place:
        model, base = Path(place, "model.safetensors"), Path(place, "base.safetensors")
        write(model, base, int(options.size * 1e9))
        times: dict[str, list[float]] = {"read": [], "compare": []}
        for _ in range(options.runs + 1):
            times["read"].append(timed(lambda: read(model, base)))
            times["compare"].append(timed(lambda: compare(model, base)))
    reading, comparing = (statistics.median(one[1:]) for one in times.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"two checkpoints of {options.size:g} GB: read {reading:.2f} s, compared {comparing:.2f} s")
    print(f"{comparing / reading:.2f} times as long (target {TARGET}); peak of memory {peak:.0f} MiB")
    return 0 if comparing <= TARGET * reading else 1


if __name__ == "__main__":
    sys.exit(main())
