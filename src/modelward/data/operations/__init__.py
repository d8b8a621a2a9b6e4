"""What can be done to a dataset, and how each claim is checked: one file per operation."""

from __future__ import annotations

from modelward.data.operations import (
    annotate,
    collect,
    dedupe,
    delete,
    filter,
    label,
    map,
    merge,
    redact,
    shuffle,
    split,
    synthesise,
)
from modelward.data.operations.operation import Operation

#: Operation -> its rule. The names are those of attest/predicates/custody.py.
OPERATIONS: dict[str, Operation] = {
    "collect": collect.OPERATION,
    "filter": filter.OPERATION,
    "map": map.OPERATION,
    "merge": merge.OPERATION,
    "split": split.OPERATION,
    "shuffle": shuffle.OPERATION,
    "dedupe": dedupe.OPERATION,
    "label": label.OPERATION,
    "annotate": annotate.OPERATION,
    "redact": redact.OPERATION,
    "delete": delete.OPERATION,
    "synthesise": synthesise.OPERATION,
}
