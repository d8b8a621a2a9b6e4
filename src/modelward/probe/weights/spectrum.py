"""How a change of a layer is spread over its directions.

A backdoor is a simple rule (this input, that output), and tends to sit in one direction of a layer, where
honest training moves many. Shown are figures that do not depend on how large the change is.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from modelward.probe.weights.tensors import numpy

#: Directions that are looked at of a change that is not thin.
DIRECTIONS = 16
_PASSES = 2


@dataclass(frozen=True)
class Spectrum:
    """`norm`: the size of the change (Frobenius), `relative` to the base where that is known, else 0.

    `ratio`: the largest singular value to the second; `concentration`: its share of the energy; `entropy` of
    the energy over directions, 0 (one) to 1 (even); `kurtosis` of the entries.
    """

    norm: float
    relative: float
    ratio: float
    concentration: float
    entropy: float
    kurtosis: float

    def figures(self) -> dict[str, float]:
        """By name."""
        return asdict(self)


#: The figures that are compared.
COMPARED = ("ratio", "concentration", "entropy", "kurtosis", "norm")


def thin(down: Any, up: Any, scale: float) -> Spectrum | None:
    """Of `scale * up @ down`, without making it; None if there is no change."""
    np = numpy()
    _, left = np.linalg.qr(up.astype(np.float64))
    _, right = np.linalg.qr(down.T.astype(np.float64))
    values = np.linalg.svd(left @ right.T, compute_uv=False) * abs(scale)
    # Entries of some rows stand for all.
    rows = up[:: max(1, up.shape[0] // 256)]
    columns = down[:, :: max(1, down.shape[1] // 256)]
    return _spectrum(values, float((values**2).sum()), rows @ columns, 0.0)


def full(change: Any, base: Any) -> Spectrum | None:
    """Of a change that is a whole matrix: its largest directions, by iteration with a fixed beginning."""
    np = numpy()
    energy = float(np.square(change, dtype=np.float64).sum())
    if energy <= 0:
        return None
    size = min(DIRECTIONS, *change.shape)
    start = np.random.default_rng(0).standard_normal((change.shape[1], size)).astype(np.float32)
    basis, _ = np.linalg.qr(change @ start)
    for _ in range(_PASSES):
        other, _ = np.linalg.qr(change.T @ basis)
        basis, _ = np.linalg.qr(change @ other)
    values = np.linalg.svd(basis.T @ change, compute_uv=False).astype(np.float64)
    norm = float(np.sqrt(np.square(base, dtype=np.float64).sum()))
    sample = change[:: max(1, change.shape[0] // 256), :: max(1, change.shape[1] // 256)]
    return _spectrum(values, energy, sample, norm)


def _spectrum(values: Any, energy: float, sample: Any, base: float) -> Spectrum | None:
    np = numpy()
    if energy <= 0 or not np.isfinite(energy):
        return None
    shares = np.clip(values**2 / energy, 1e-12, 1.0)
    entropy = -(shares * np.log(shares)).sum() / np.log(len(values)) if len(values) > 1 else 0.0
    centred = sample.astype(np.float64) - sample.mean()
    spread = float((centred**2).mean())
    kurtosis = float((centred**4).mean() / spread**2) if spread > 0 else 0.0
    second = float(values[1]) if len(values) > 1 else 0.0
    norm = float(np.sqrt(energy))
    return Spectrum(
        norm=norm,
        relative=norm / base if base else 0.0,
        ratio=float(min(1e6, values[0] / max(second, values[0] * 1e-6))),
        concentration=float(shares[0]),
        entropy=float(entropy),
        kurtosis=kurtosis,
    )
