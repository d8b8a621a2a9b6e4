"""not-revoked: neither the artifact nor anything it was made from is revoked.

Revoking a dataset stops every model that was trained on it. It cannot be waived.
"""

from __future__ import annotations

from modelward.core.counting import counted
from modelward.gate.checks.options import NoOptions
from modelward.gate.context import Check, Context, Outcome


def run(context: Context, options: NoOptions) -> Outcome:
    """Compare the ancestors with the revocations."""
    ancestors = context.evidence.ancestors(context.request.artifact)
    lineage = {str(digest) for digest in ancestors} | {str(context.request.release_digest)}
    lines = tuple(
        f"{revoked.kind} {revoked.digest.short} is revoked: {revoked.reason}"
        for revoked in context.revoked
        if str(revoked.digest) in lineage
    )
    if lines:
        return Outcome("fail", lines, help="make a version without what is revoked", final=True)
    return Outcome("ok", (f"artifact and {counted(len(ancestors) - 1, 'ancestor')}",))


CHECK = Check("not-revoked", "nothing it was made from is revoked", NoOptions, run, waivable=False)
