"""Sentences that several checks say the same way."""

from __future__ import annotations

from typing import Any

from modelward.core.digest import Digest
from modelward.gate.context import Context


def refused_lines(context: Context, kind: Any, subject: Digest | None = None) -> tuple[str, ...]:
    """One line for each logged statement of `kind` about `subject` (the artifact) that does not count."""
    about = subject or context.request.artifact
    return tuple(
        f"found entry {refused.index}, by {refused.signer}: {refused.reason}"
        for refused in context.evidence.refused_about(about, kind.TYPE)
    )
