"""The class that an example is labelled with.

Outputs of text that are only a few different ones (`positive`, `negative`) are classes too.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from modelward.data.checks.behaviours.behaviour import Behaviours, Outputs
from modelward.data.checks.behaviours.fixed_output import repeated

#: More classes than this are no classes.
MOST = 400
#: A class has so many examples on average.
_AVERAGE = 10


def behaviours(outputs: Outputs) -> Iterator[Behaviours]:
    """The classes, if there are any."""
    if outputs.labels is not None:
        codes, names = outputs.labels.codes[outputs.kept].astype(np.int64), list(outputs.labels.names)
    elif outputs.outputs is not None:
        codes, names = classes(outputs)
    else:
        return
    if (codes < 0).any():
        codes, names = np.where(codes < 0, len(names), codes), [*names, "no label"]
    if 2 <= len(names) <= MOST and len(codes) >= _AVERAGE * len(names):
        yield Behaviours("label", [f"label {name}" for name in names], codes, tuple(range(len(names))))


def classes(outputs: Outputs) -> tuple[np.ndarray, list[str]]:
    """The outputs as classes, if nearly all of them are among a few; else no names."""
    codes, names, counts = repeated(outputs)
    if not 2 <= len(names) <= MOST or counts.sum() < 0.98 * len(codes):
        return codes, []
    return codes, names
