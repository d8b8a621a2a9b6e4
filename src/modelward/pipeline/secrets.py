"""Secrets on a command line. It is signed and published word for word, so they must not be there."""

from __future__ import annotations

import re
from collections.abc import Sequence

from modelward.core.errors import UsageError

#: What is looked for -> its form.
_FORMS = {
    "a Hugging Face token": re.compile(r"\bhf_[A-Za-z0-9]{30,}"),
    "a GitHub token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})"),
    "a GitLab token": re.compile(r"\bglpat-[A-Za-z0-9_-]{16,}"),
    "an AWS access key": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    "an API key": re.compile(r"\bsk-[A-Za-z0-9_-]{20,}"),
    "a Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a password in an address": re.compile(r"://[^/\s:@]+:[^/\s@]+@"),
}


def refuse_secrets(command: Sequence[str], *, what: str = "argument") -> None:
    """Raise UsageError if one of them looks like a secret. The secret itself is not repeated."""
    for position, argument in enumerate(command):
        for kind, form in _FORMS.items():
            if form.search(argument):
                raise UsageError(
                    f"{what} {position} of the command looks like {kind}",
                    help="it would be signed and published; pass secrets with --secret NAME: only the name "
                    "is recorded",
                )
