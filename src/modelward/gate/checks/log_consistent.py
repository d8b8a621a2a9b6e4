"""log-consistent: the log continues every checkpoint this registry has signed before.

A removed, changed or reordered entry makes the log inconsistent with an earlier checkpoint. It cannot
be waived.
"""

from __future__ import annotations

from modelward.gate.checks.options import NoOptions
from modelward.gate.context import Check, Context, Outcome


def run(context: Context, options: NoOptions) -> Outcome:
    """Judge the log view that the caller computed."""
    if not context.log.consistent:
        return Outcome("fail", (context.log.detail,), help="modelward log audit", final=True)
    return Outcome("ok", (f"{context.log.size} entries",))


CHECK = Check("log-consistent", "the log continues its earlier checkpoints", NoOptions, run, waivable=False)
