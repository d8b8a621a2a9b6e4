"""What the arguments of an unknown function show: commands, code, secrets, addresses.

Only direct arguments count, and those in short lists: text in a vocabulary or in an object's attributes is
data, whatever it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from modelward.core.errors import InputError
from modelward.core.regex import regex
from modelward.formats.pickle.values import Blob, Container, Value

MAX_TEXT = 64 << 10
MAX_TEXTS = 32
MAX_ITEMS = 16
MAX_DEPTH = 2

#: A text without any of these is no command, code or address.
_MARK = regex(r"[/\\|;&$`>~(]|import|exec|eval|whoami|powershell|pwsh|\.exe|calc|ifconfig|sleep|uname")
_CODE = regex(r"__import__|\bimport\b|\bexec\b|\beval\b|\bcompile\b|\bopen\s*\(|\b(?:os|subprocess|sys)\.")
_COMMAND = regex(
    r"\s*(?:sudo\s+)?(?:/usr)?(?:/bin/)?(?:ba|z|da|k)?sh\s+-\w*c\b|\s*(?:powershell|pwsh|cmd)(?:\.exe)?\s+[-/]|"
    r"\s*(?:cat|chmod|chown|cp|curl|dd|echo|kill|ls|mkdir|mv|nc|ncat|open|perl|ping|printenv|python[23]?|rm|ruby|"
    r"scp|sleep|ssh|tee|touch|uname|wget|xdg-open)\s+(?:-|/|~|\$|>|https?:|[\"']|\d+$|[\w.-]+\s*[>|;&]|"
    r"[\w.-]+\.(?:txt|sh|py)$)|\s*(?:id|ls|env|whoami|pwd)\s*[;|>&]",
)
_BARE = regex(r"whoami|ifconfig|(?:calc|notepad|cmd|powershell)\.exe|xcalc|gnome-calculator")
_ADDRESS = regex(r"(?:https?|ftp|file|smb|ldap)://\S+")
_COMPILED = regex(rb"[c\xe3].{4,40}[sz\xfa].{0,400}<(?:module|string|lambda|listcomp|stdin)>", re.DOTALL)


def suspicious(arguments: Value, *, function: bool) -> str | None:
    """What is wrong with the arguments of a call, or None.

    `function` says that what is called has the name of a function: a class may well hold any text.
    """
    for value in islice(_given(arguments, MAX_DEPTH if function else 1), MAX_TEXTS):
        if isinstance(value, bytes):
            if function and _COMPILED.search(value[:4096]):
                return "it is given compiled Python code"
        elif isinstance(value, str) and _MARK.search(value) and (found := _said(value, function)):
            return found
    return None


def _said(text: str, function: bool) -> str | None:
    from modelward.formats import shell  # rarely needed, and slow to load

    if harm := shell.harm_of(text):
        return f"it is given a command that {harm}"
    if _CODE.search(text) and (harm := _code(text)):
        return f"it is given Python code that {harm}"
    if not function:
        return None
    if _COMMAND.match(text) or _BARE.fullmatch(text):
        return "it is given a shell command"
    if shell.SECRETS.search(text):
        return "it is given the path of a secret"
    if _ADDRESS.fullmatch(text):
        return "it is given an address on the network"
    return None


def _code(text: str) -> str | None:
    from modelward.formats.python_source import harm_in  # rarely needed

    return harm_in(text)


def _given(value: Value, depth: int) -> Iterator[str | bytes]:
    """The texts and bytes among the arguments."""
    if isinstance(value, str | bytes):
        yield value
    elif isinstance(value, Blob) and value.length <= MAX_TEXT:
        try:
            data = value.load(MAX_TEXT)
        except InputError:
            return
        yield data if value.kind == "bytes" else data.decode("utf-8", "replace")
    elif isinstance(value, Container) and depth >= 0 and len(value.items) <= MAX_ITEMS:
        for item in value.items:
            yield from _given(item, depth - 1)
