"""annotate: only the named columns were added or changed; all others are as they were."""

from __future__ import annotations

from modelward.data.operations.columns import changed_or_added
from modelward.data.operations.operation import Operation

OPERATION = Operation(
    inputs=(1, 1),
    outputs=(1, 1),
    check=changed_or_added,
    takes=frozenset({"columns"}),
    needs=(("columns",),),
)
