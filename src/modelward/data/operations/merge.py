"""merge: the output is all inputs together."""

from __future__ import annotations

from modelward.data.operations import rows_kept
from modelward.data.operations.operation import MANY, Operation

OPERATION = Operation(inputs=(2, MANY), outputs=(1, 1), check=rows_kept.check)
