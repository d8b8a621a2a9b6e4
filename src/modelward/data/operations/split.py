"""split: the outputs together are the input, no row in two of them."""

from __future__ import annotations

from modelward.data.operations import rows_kept
from modelward.data.operations.operation import MANY, Operation

OPERATION = Operation(inputs=(1, 1), outputs=(2, MANY), check=rows_kept.check)
