"""shuffle: the same rows in another order, copies counted."""

from __future__ import annotations

from modelward.data.operations import rows_kept
from modelward.data.operations.operation import Operation

OPERATION = Operation(inputs=(1, 1), outputs=(1, 1), check=rows_kept.check)
