"""synthesise: rows that a model made. The model is named by digest; that it made them is the signer's word.

Inputs are the datasets that the prompts were taken from.
"""

from __future__ import annotations

from modelward.data.operations.operation import MANY, Operation, declared

OPERATION = Operation(inputs=(0, MANY), outputs=(1, 1), check=declared, needs=(("generator",),))
