"""collect: rows from outside. Where they came from, and on what consent, is the signer's word."""

from __future__ import annotations

from modelward.data.operations.operation import Operation, declared

OPERATION = Operation(inputs=(0, 0), outputs=(1, 1), check=declared, needs=(("source",),))
