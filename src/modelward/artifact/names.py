"""Which names a tree may hold.

A name must survive a SHA256SUMS line, be one name on every file system, and stay inside the tree. What
`sha256sum` would escape or take for something else (newline, backslash, a file called `-`) is refused
rather than escaped: there is one spelling of a manifest.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from modelward.core.errors import InputError
from modelward.core.regex import regex

MAX_NAME_BYTES = 4096
MAX_DEPTH = 128

_CONTROL = regex("[\x00-\x1f\x7f-\x9f]")


def decode_name(raw: bytes) -> str:
    """A name as the file system gives it, as text. Raises InputError unless it is UTF-8."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        shown = raw.decode("utf-8", "backslashreplace")
        raise InputError("the name is not UTF-8", where=shown, help="rename the file") from None


def check_name(name: str) -> None:
    """Refuse a path that a manifest may not hold. Raises InputError naming the path and the remedy."""
    problem = _problem(name)
    if problem:
        raise InputError(problem, where=name or "(empty name)", help="rename the file")


def _problem(name: str) -> str | None:
    if _CONTROL.search(name):
        return "the name holds a control character"
    if "\\" in name:
        return "the name holds a backslash"
    parts = name.split("/")
    if name.startswith("/"):
        return "the path is absolute"
    if ".." in parts:
        return "the path holds '..'"
    if "" in parts or "." in parts:
        return "the path has an empty part or '.'"
    if name == "-":
        return "sha256sum reads standard input where a file is called '-'"
    try:
        length = len(name.encode("utf-8"))
    except UnicodeEncodeError:
        return "the name is not UTF-8"
    if length > MAX_NAME_BYTES:
        return f"the path is over {MAX_NAME_BYTES} bytes"
    if len(parts) > MAX_DEPTH:
        return f"the path is over {MAX_DEPTH} levels deep"
    return None


def check_distinct(names: Iterable[str]) -> None:
    """Refuse names that some file system takes for one: equal after NFC and case folding.

    Holds for directories too, and for a file that has the name of a directory. Raises InputError.
    """
    taken: dict[str, str] = {}  # folded path -> path, a directory's with "/" at its end
    for name in names:
        _claim(taken, fold(name), name)
        parent = name.rpartition("/")[0]
        while parent and taken.get(key := fold(parent)) != parent + "/":
            _claim(taken, key, parent + "/")
            parent = parent.rpartition("/")[0]


def fold(name: str) -> str:
    """The form in which names are compared for likeness: NFC and case folding."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _claim(taken: dict[str, str], key: str, name: str) -> None:
    if key in taken:
        raise InputError(
            f"the name and {taken[key]!r} are one name where case or Unicode form does not count",
            where=name,
            help="rename one of the two",
        )
    taken[key] = name
