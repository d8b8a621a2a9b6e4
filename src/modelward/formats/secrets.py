"""Keys and tokens that were left in a file by accident, told by their fixed forms; never shown whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from modelward.core.regex import regex


class Secret(Struct, frozen=True):
    """A key or token: of which kind, in which line (from 1), and its beginning."""

    kind: str
    line: int
    shown: str


_ANY = regex(
    r"(?<![A-Za-z0-9_-])(?:(?P<hf>hf_[A-Za-z]{34})|(?P<gh>gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})|"
    r"(?P<aws>(?:AKIA|ASIA)[A-Z2-7]{16})|(?P<openai>sk-(?:proj-|svcacct-)[A-Za-z0-9_-]{40,}|sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20})|"
    r"(?P<anthropic>sk-ant-[a-z0-9]+-[A-Za-z0-9_-]{80,})|(?P<google>AIza[A-Za-z0-9_-]{35})|(?P<slack>xox[abpr]-\d{10,}-[A-Za-z0-9-]{20,})|"
    r"(?P<gitlab>glpat-[A-Za-z0-9_-]{20}))(?![A-Za-z0-9_-])|"
    r"(?P<key>-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED )?PRIVATE KEY-----\s*[A-Za-z0-9+/=\s\\n]{64,})"
)
_KINDS = {
    "hf": "a Hugging Face token",
    "gh": "a GitHub token",
    "aws": "an access key of AWS",
    "openai": "an OpenAI key",
    "anthropic": "an Anthropic key",
    "google": "a Google key",
    "slack": "a Slack token",
    "gitlab": "a GitLab token",
    "key": "a private key",
}
_HINTS = (
    "hf_",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "AKIA",
    "ASIA",
    "sk-",
    "AIza",
    "xox",
    "glpat-",
    "PRIVATE KEY",
)
_EXAMPLE = regex(r"EXAMPLE|(.)\1{7}|(?:xxxx|abcd|1234567)", re.IGNORECASE)


def findings(text: str, first: int = 1) -> Iterator[Secret]:
    """Every key or token that is not plainly an example; `first` is the number of the text's first line."""
    if not any(hint in text for hint in _HINTS):
        return
    for found in _ANY.finditer(text):
        value = found.group()
        if found.lastgroup is None or (found.lastgroup != "key" and _EXAMPLE.search(value)):
            continue
        shown = (
            value.split("\n")[0][:8] + "…" if found.lastgroup != "key" else "-----BEGIN … PRIVATE KEY-----"
        )
        yield Secret(_KINDS[found.lastgroup], text.count("\n", 0, found.start()) + first, shown)
