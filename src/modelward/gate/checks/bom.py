"""bom: the review BOM is the one that approvals bind, and holds the fields this stage requires.

The BOM is derived from the evidence and the artifact's bytes when promotion is requested. Field ids are
those of `modelward bom check`.
"""

from __future__ import annotations

from modelward.gate.checks.options import Options
from modelward.gate.context import Check, Context, Outcome


class BomOptions(Options, frozen=True, kw_only=True):
    """The field ids that must be filled."""

    fields: tuple[str, ...] = ()


def run(context: Context, options: BomOptions) -> Outcome:
    """Compare the digest and look for the fields."""
    if str(context.bom.digest) != context.request.release.bom:
        return Outcome("fail", ("the BOM at hand is not the one of this release",), final=True)
    missing = context.bom.missing(options.fields)
    if missing:
        return Outcome(
            "fail",
            tuple(f"{field.id} {field.title} is missing: {field.how_to_fill}" for field in missing),
            help="fill the fields and ask again",
        )
    return Outcome("ok", (f"{len(options.fields)} required fields filled",))


CHECK = Check("bom", "the review BOM holds the required fields", BomOptions, run)
