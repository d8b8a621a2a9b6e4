"""What a finding is, by its content: the name under which people decide about it.

Two findings are the same if the same check says the same trigger and behaviour of exactly the same rows, by
digest. So a decision holds wherever these rows are, and for none besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from modelward.core import strict_json
from modelward.core.digest import Digest
from modelward.data.digesting import leaf_hashes, set_lines
from modelward.data.trees import root_of


def set_root(digests: Any, rows: Sequence[int]) -> Digest:
    """The set root over some rows of a dataset: that of a snapshot of just these rows, in any order.

    `digests` holds the digest of each row of the dataset, 32 bytes each.
    """
    chosen = np.ascontiguousarray(digests[np.asarray(rows, np.int64)])
    lines = chosen.view([("digest", "V32")]).ravel()
    order = np.lexsort(chosen.T[::-1]) if len(chosen) else np.empty(0, np.int64)
    lines, chosen = lines[order], chosen[order]
    first = np.ones(len(lines), bool)
    first[1:] = (chosen[1:] != chosen[:-1]).any(axis=1)
    starts = np.flatnonzero(first)
    counts = np.diff(np.append(starts, len(lines)))
    return root_of([leaf.tobytes() for leaf in leaf_hashes(set_lines(chosen[starts], counts))])


def content(check: str, kind: str, trigger: str, behaviour: str, rows: Digest) -> Digest:
    """The name of a finding. `rows` is the set root over its rows."""
    said = {"behaviour": behaviour, "check": check, "kind": kind, "rows": str(rows), "trigger": trigger}
    return Digest.sha256(strict_json.dumps(said))
