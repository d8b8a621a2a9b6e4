"""Whether the layers that training changed look as benign training changes them.

Without a reference set the layers of one model are compared with each other, which is a hint and no more.
With adapters that the user knows to be benign, each layer is compared with the same layer of theirs, and the
whole with how far each of them is from the rest: the smallest chance that can be told is 1 in their number
plus one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modelward.core.errors import InputError
from modelward.core.progress import Progress, Silent
from modelward.probe.models.adapter import is_adapter
from modelward.probe.weights import lora, rows, spectrum
from modelward.probe.weights.rows import Moved
from modelward.probe.weights.spectrum import COMPARED, Spectrum
from modelward.probe.weights.tensors import Weights, numpy

#: Robust standard deviations at which a layer is shown.
FAR = 6.0
#: A group of layers that are compared with each other has so many.
FEWEST = 6
#: Fewer references tell nothing.
REFERENCES = 5
#: An adapter further from the references than this share of them would be is an alarm.
LEVEL = 0.05
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Layer:
    """A layer that changed, and in which figure it is furthest from its like."""

    name: str
    spectrum: Spectrum
    figure: str = ""
    z: float = 0.0


@dataclass
class WeightReport:
    """What the weights say. `p` is the chance that a benign model is as far from the references; None without
    them. `layers` are those far out, `rows` the tokens whose rows are.
    """

    layers: list[Layer] = field(default_factory=list)
    rows: list[Moved] = field(default_factory=list)
    compared: int = 0
    references: int = 0
    p: float | None = None
    could_not_tell: list[str] = field(default_factory=list)

    @property
    def alarm(self) -> bool:
        """Whether this is further from the references than benign ones are."""
        return self.p is not None and self.p <= LEVEL


def check(
    tuned: Path, base: Path | None, references: Sequence[Path] = (), progress: Progress | None = None
) -> WeightReport:
    """Look at what training changed. Raises InputError, MissingExtra."""
    report = WeightReport(references=len(references))
    progress = progress or Silent()
    progress.start(1 + len(references))
    try:
        own = spectra(tuned, base)
        progress.advance(1)
        report.compared = len(own)
        if not own:
            report.could_not_tell.append("weights: no layer differs from the base model")
        theirs = []
        for reference in references:
            theirs.append(spectra(reference, base))
            progress.advance(1)
    finally:
        progress.done()
    report.layers = _outliers(own, theirs)
    if len(theirs) >= REFERENCES:
        report.p = _chance(own, theirs)
    elif references:
        report.could_not_tell.append(f"weights: {REFERENCES} references are needed, {len(references)} given")
    report.rows = _rows(tuned, base)
    return report


def spectra(path: Path, base: Path | None) -> dict[str, Spectrum]:
    """The spectrum of each layer that changed, by name. Raises InputError."""
    if is_adapter(path):
        adapter = lora.read(path)
        made = ((name, spectrum.thin(*pair)) for name, pair in adapter.pairs().items())
        return {name: found for name, found in made if found is not None}
    if base is None or is_adapter(base):
        raise InputError(
            "what changed is seen beside the base model only", where=str(path), help="--base DIR"
        )
    return dict(_deltas(path, base))


def _deltas(path: Path, base: Path) -> Iterator[tuple[str, Spectrum]]:
    with Weights(path) as tuned, Weights(base) as before:
        for name in tuned.floats():
            there = before.places.get(name)
            if there is None or there.shape != tuned.places[name].shape or len(there.shape) != 2:
                continue
            old = before.array(name)
            found = spectrum.full(tuned.array(name) - old, old)
            if found is not None:
                yield name, found


def _kind(name: str) -> str:
    """A layer's name without its number: what it is alike."""
    return _NUMBER.sub("*", name)


def _outliers(own: Mapping[str, Spectrum], theirs: Sequence[Mapping[str, Spectrum]]) -> list[Layer]:
    """The layers far from the same ones of the references, or from their like."""
    found = []
    enough = len(theirs) >= REFERENCES
    kinds: dict[str, list[str]] = {}
    for name in own:
        kinds.setdefault(_kind(name), []).append(name)
    for name, own_spectrum in own.items():
        others = (
            [each[name] for each in theirs if name in each]
            if enough
            else [own[other] for other in kinds[_kind(name)] if other != name]
        )
        if len(others) < (REFERENCES if enough else FEWEST - 1):
            continue
        figure, z = _furthest(own_spectrum, others)
        if z >= FAR:
            found.append(Layer(name, own_spectrum, figure, z))
    return sorted(found, key=lambda each: (-each.z, each.name))


def _furthest(one: Spectrum, others: Sequence[Spectrum]) -> tuple[str, float]:
    zs = _zs(_vector(one), [_vector(other) for other in others])
    at = max(range(len(COMPARED)), key=lambda each: zs[each])
    return COMPARED[at], zs[at]


def _vector(one: Spectrum) -> Any:
    """The figures on scales where differences compare."""
    np = numpy()
    values = one.figures()
    return np.array(
        [values[name] if name == "entropy" else np.log(max(values[name], 1e-12)) for name in COMPARED]
    )


def _zs(one: Any, others: Sequence[Any]) -> list[float]:
    np = numpy()
    table = np.array(others)
    middle = np.median(table, axis=0)
    spread = np.maximum(1.4826 * np.median(np.abs(table - middle), axis=0), 0.02)
    return [float(value) for value in np.abs(one - middle) / spread]


def _chance(own: Mapping[str, Spectrum], theirs: Sequence[Mapping[str, Spectrum]]) -> float:
    """The share of references, this one counted, that are as far from the rest as this one."""
    everything = [own, *theirs]
    distances = [
        _distance(each, everything[:at] + everything[at + 1 :]) for at, each in enumerate(everything)
    ]
    return sum(distance >= distances[0] for distance in distances) / len(distances)


def _distance(one: Mapping[str, Spectrum], others: Sequence[Mapping[str, Spectrum]]) -> float:
    """The mean over layers of the largest deviation in any figure."""
    furthest = [
        _furthest(own, there)[1]
        for name, own in one.items()
        if len(there := [other[name] for other in others if name in other]) >= REFERENCES - 1
    ]
    return sum(furthest) / len(furthest) if furthest else 0.0


def _rows(tuned: Path, base: Path | None) -> list[Moved]:
    if base is None or not base.is_dir():
        return []
    words = rows.vocabulary_of(base)
    if is_adapter(tuned):
        return list(_adapter_rows(lora.read(tuned), words))
    if not tuned.is_dir() or not list(tuned.glob("*.safetensors")):
        return []
    with Weights(tuned) as now, Weights(base) as before:
        return rows.moved(now, before, rows.vocabulary_of(tuned) or words)


def _adapter_rows(adapter: lora.Lora, words: dict[int, str]) -> Iterable[Moved]:
    """Rows that an adapter of an embedding moves."""
    np = numpy()
    for name, (down, up, scale) in adapter.pairs().items():
        if rows.embedding([f"{name}.weight"]):
            _, right = np.linalg.qr(down.T.astype(np.float64))
            yield from rows.far(np.linalg.norm(up @ right.T, axis=1) * abs(scale), words)
