"""Settings of git in a repository: those that name a program which git runs in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename

from modelward.core.regex import regex
from modelward.formats import shell
from modelward.formats.facts import EmbeddedCode

_RUNS = regex(
    r"^[ \t]*(?P<key>fsmonitor|sshcommand|pager|editor|hookspath|gitproxy|askpass|external|textconv|clean|"
    r"smudge|process|helper|program|command|driver)[ \t]*=[ \t]*(?P<value>\S.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_ALIAS = regex(r"^[ \t]*\w+[ \t]*=[ \t]*\"?!(?P<value>.*)$", re.MULTILINE)
_TRANSPORT = regex(r"^[ \t]*url[ \t]*=[ \t]*(?P<value>(?:ext|fd)::.*)$", re.MULTILINE)
#: What git and its extensions write there themselves.
_USUAL = regex(
    r"git[- ](?:lfs|credential|crypt)[\w %.-]*|true|false|store|cache|manager(?:-core)?|osxkeychain|"
    r"less(?: -\w+)*|cat|"
)


def findings(text: str, name: str) -> Iterator[EmbeddedCode]:
    """Every program that a file of settings makes git run, if the file `name` is one of git's."""
    if basename(name) not in (".gitconfig", ".gitmodules") and not f"/{name}".endswith(".git/config"):
        return
    for pattern in (_RUNS, _ALIAS, _TRANSPORT):
        for found in pattern.finditer(text):
            value = found["value"].strip().strip('"')
            if not _USUAL.fullmatch(value):
                where = f"line {text.count(chr(10), 0, found.start()) + 1}"
                harm = shell.harm_of(value.removeprefix("ext::").replace("% ", " "))
                if pattern is _TRANSPORT:
                    harm = harm or "runs a program as a way to fetch"
                yield EmbeddedCode(where, "a setting of git", found.group().strip()[:160], harm)
