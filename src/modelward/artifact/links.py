"""Where a symbolic link in a tree leads, hop by hop, without following it out of the tree.

A link may lead to a file or directory of the same tree, or from a Hugging Face cache's `snapshots/REV/...` to
a file in the same cache entry's `blobs/`. Each hop must stay inside: a link that leaves and comes
back would be led elsewhere by whoever owns the outside.
"""

from __future__ import annotations

import os
import stat

from modelward.core.errors import InputError

MAX_HOPS = 40  # as the kernel's


class LinkResolver:
    """Resolves links of the tree at `root`, an absolute path free of links."""

    def __init__(self, root: bytes) -> None:
        self.root = [part for part in root.split(b"/") if part]
        self.cache = _hugging_face_entry(self.root)

    def resolve(self, link: bytes, name: str) -> bytes:
        """The path relative to the root, free of links, of what `link` (relative to the root) leads to.

        `name` is the link's name in errors. Raises InputError if it leaves the tree, circles or dangles,
        and OSError where the system cannot read it.
        """
        at: list[bytes] = list(self.root)
        todo = link.split(b"/")[::-1]
        hops = 0
        while todo:
            part = todo.pop()
            if part in (b"", b".", b".."):
                if not stat.S_ISDIR(os.lstat(_join(at)).st_mode):
                    raise _nowhere(name)
                if part == b"..":
                    del at[-1:]
                    self._stay_inside(at, name)
                continue
            at.append(part)
            self._stay_inside(at, name)
            target = _link_target(at, name)
            if target is None:
                continue
            hops += 1
            if hops > MAX_HOPS:
                raise InputError("the link leads in a circle", where=name, help="remove the link")
            at.pop()
            todo.extend(reversed(target.split(b"/")))
            if target.startswith(b"/"):
                at, todo = self._from_top(todo, name)
        return self._relative(at, name)

    def _from_top(self, todo: list[bytes], name: str) -> tuple[list[bytes], list[bytes]]:
        """Start an absolute target at the root of the tree, which it must name as it is."""
        parts = [part for part in reversed(todo) if part not in (b"", b".")]
        for top in filter(None, (self.root, self.cache)):
            if parts[: len(top)] == top:
                return list(top), parts[len(top) :][::-1]
        raise _leaves(name)

    def _stay_inside(self, at: list[bytes], name: str) -> None:
        top = self.cache or self.root
        if at[: len(top)] != top:
            raise _leaves(name)

    def _relative(self, at: list[bytes], name: str) -> bytes:
        """Where the way ended, relative to the root: in the tree, or a file right in the cache's blobs."""
        depth = len(self.root)
        if at[:depth] == self.root:
            return b"/".join(at[depth:]) or b"."
        if self.cache and at[:-1] == [*self.cache, b"blobs"] and _is_file(at):
            up = depth - len(self.cache)
            return b"/".join([b".."] * up + at[len(self.cache) :])
        raise _leaves(name)


def _hugging_face_entry(root: list[bytes]) -> list[bytes] | None:
    """The cache entry (`models--org--name`) if `root` is or lies in its `snapshots/REV`."""
    for index in range(len(root) - 2, 0, -1):
        if root[index] == b"snapshots" and b"--" in root[index - 1]:
            return root[:index]
    return None


def _link_target(at: list[bytes], name: str) -> bytes | None:
    path = _join(at)
    try:
        return os.readlink(path) if stat.S_ISLNK(os.lstat(path).st_mode) else None
    except (FileNotFoundError, NotADirectoryError):
        raise _nowhere(name) from None


def _is_file(at: list[bytes]) -> bool:
    return stat.S_ISREG(os.lstat(_join(at)).st_mode)


def _join(at: list[bytes]) -> bytes:
    return b"/" + b"/".join(at)


def _nowhere(name: str) -> InputError:
    return InputError("the link leads nowhere", where=name, help="remove or mend the link")


def _leaves(name: str) -> InputError:
    return InputError(
        "the link leads out of the tree", where=name, help="copy the file into the tree in its place"
    )
