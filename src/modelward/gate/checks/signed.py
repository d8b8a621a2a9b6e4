"""signed: an authorised publisher registered exactly this artifact as this version.

The version statement binds registry, model, version number and artifact digest. It cannot be waived.
An imported version counts only where the policy says `allow-imported = true`.
"""

from __future__ import annotations

from modelward.gate.checks.options import Options
from modelward.gate.context import Check, Context, Outcome


class SignedOptions(Options, frozen=True, kw_only=True):
    """Whether a version that predates the registry may pass."""

    allow_imported: bool = False


def run(context: Context, options: SignedOptions) -> Outcome:
    """Look for the version statement."""
    versions = context.versions()
    release = context.request.release
    if not versions:
        return Outcome(
            "fail",
            (f"no authorised publisher registered this artifact as {release.model}@{release.version}",),
            help=f"modelward push PATH --model {release.model}",
            final=True,
        )
    first = versions[0]
    if first.predicate.author != first.verified.principal.name:
        return Outcome("fail", ("the author named is not the signer",), final=True)
    signer = f"by {first.verified.principal.name} (publisher), {first.verified.public_key.label}"
    if first.predicate.origin == "imported" and not options.allow_imported:
        return Outcome(
            "fail",
            (f"imported {signer}: nothing about its making is attested",),
            help="set allow-imported = true for this stage, or push a version made by a recorded step",
        )
    return Outcome("ok", (signer,))


CHECK = Check("signed", "registered by an authorised publisher", SignedOptions, run, waivable=False)
