"""scanned: an authorised scanner examined this artifact and the verdict is allowed.

Every standing scan counts: one bad scan is not outvoted by good ones, only superseded by name.
The verdict `malicious` cannot be waived.
"""

from __future__ import annotations

from typing import Literal

from modelward.attest.predicates import Scan
from modelward.attest.trust_rules import CLOCK_SKEW
from modelward.core import instant
from modelward.gate.checks.options import Options
from modelward.gate.checks.wording import refused_lines
from modelward.gate.context import Check, Context, Outcome


class ScannedOptions(Options, frozen=True, kw_only=True):
    """Which verdicts pass, and how old a scan may be."""

    verdicts: tuple[Literal["clean", "incomplete", "unverified"], ...] = ("clean",)
    max_age: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no duration when the policy is read, not when a release is judged."""
        if self.max_age is not None:
            instant.parse_duration(self.max_age)


def run(context: Context, options: ScannedOptions) -> Outcome:
    """Judge all standing scans."""
    scans = context.evidence.about(context.request.artifact, Scan)
    if not scans:
        lines = ("no authorised scan of this artifact", *refused_lines(context, Scan))
        return Outcome("fail", lines, help="modelward scan PATH --sign, by a scanner")
    bad = [found for found in scans if found.predicate.verdict not in options.verdicts]
    if bad:
        lines = tuple(
            f"{found.predicate.verdict}, by {found.verified.principal.name} (entry {found.index}): "
            + (
                found.predicate.findings[0].message
                if found.predicate.findings
                else "see what is not examined"
            )
            for found in bad
        )
        malicious = any(found.predicate.verdict == "malicious" for found in bad)
        return Outcome("fail", lines, help="modelward scan PATH shows why", final=malicious)
    overstated = [
        f"says clean, but examined {found.predicate.examined} of {found.predicate.files} files"
        f" (entry {found.index})"
        for found in scans
        if found.predicate.verdict == "clean"
        and (found.predicate.not_examined or found.predicate.examined < found.predicate.files)
    ]
    if overstated:
        return Outcome("fail", tuple(overstated), help="scan again with modelward scan PATH --sign")
    newest = scans[-1]
    scanned_at = instant.parse(newest.predicate.scanned_at)
    if scanned_at > context.now + CLOCK_SKEW:
        return Outcome("fail", (f"the last scan is dated in the future: {newest.predicate.scanned_at}",))
    if options.max_age is not None and context.now - scanned_at > instant.parse_duration(options.max_age):
        return Outcome(
            "fail", (f"the last scan is older than {options.max_age}",), help="scan again and sign it"
        )
    return Outcome("ok", (f"{newest.predicate.verdict}, by {newest.verified.principal.name}",))


CHECK = Check("scanned", "scanned, with an allowed verdict", ScannedOptions, run)
