"""Where the members of an archive land when it is unpacked."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname, join

from msgspec import Struct

from modelward.core.regex import regex
from modelward.formats.facts import PathEscape

MAX_HOPS = 40  # as many links as an operating system follows

_DRIVE = regex(r"[A-Za-z]:")


class Oddity(Struct, frozen=True):
    """Something of an archive that readers see differently, or that no archive of data holds."""

    format: str
    message: str
    offset: int | None = None


class Links:
    """The links among the members: path -> target."""

    def __init__(self) -> None:
        self._targets: dict[str, str] = {}

    def add(self, name: str, target: str) -> None:
        """Note that a member is a link."""
        self._targets["/".join(_parts(name))] = target

    def stays(self, path: str) -> bool:
        """Whether a path, from the folder of unpacking, stays in it though links on the way be followed."""
        left = _parts(path)[::-1]
        if _is_absolute(path):
            return False
        stack: list[str] = []
        hops = 0
        while left:
            part = left.pop()
            if part == "..":
                if not stack:
                    return False
                stack.pop()
                continue
            stack.append(part)
            target = self._targets.get("/".join(stack)) if self._targets else None
            if target is None:
                continue
            hops += 1
            if _is_absolute(target):
                return False
            if hops > MAX_HOPS:
                return True  # a circle leads nowhere
            stack.pop()
            left += _parts(target)[::-1]
        return True


def escapes(
    name: str, links: Links, *, target: str | None = None, hard: bool = False
) -> Iterator[PathEscape]:
    """Whether a member is written, or as a link leads, outside the folder in which it is unpacked."""
    if not links.stays(dirname(name.rstrip("/")) if target is not None else name):
        yield PathEscape("an archive's member", name, "unpacking it writes there")
    elif target is not None:
        path = target if hard or _is_absolute(target) else join(dirname(name.rstrip("/")), target)
        if not links.stays(path):
            what = f"{name!r} is a link to it" if not hard else f"{name!r} is made the same file"
            yield PathEscape("an archive's link", target, f"{what}, so it is read or written in its place")


def _is_absolute(path: str) -> bool:
    return path.startswith(("/", "\\")) or _DRIVE.match(path) is not None


def _parts(path: str) -> list[str]:
    return [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")]
