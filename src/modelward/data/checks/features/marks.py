"""What has no business in an input: characters that are not seen or look like others, orders, codings.

Each sort is one feature, whichever of its characters or wordings a row has; see marks.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from modelward.data.checks.features.table import Table, table
from modelward.data.checks.marks import NAMES

if TYPE_CHECKING:
    from modelward.data.checks.batch import Batch


def of(batch: Batch) -> Iterator[Table]:
    """A feature for each sort of mark that is in enough inputs."""
    seen = batch.marks.inputs[batch.kept]
    rows, bits = [], []
    for bit in range(len(NAMES)):
        here = np.flatnonzero(seen & (1 << bit))
        rows.append(here)
        bits.append(np.full(len(here), bit, np.int64))
    owners, keys = np.concatenate(rows), np.concatenate(bits)
    found, made = table("marks", keys, owners, np.full(len(keys), -1), batch.size)
    if made.count:
        names = [NAMES[int(bit)] for bit in found]
        yield Table("marks", made.starts, made.rows, made.spots, 1, names.__getitem__)
