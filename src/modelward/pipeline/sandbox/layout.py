"""The file system that a job gets: which places are mounted where, in which order."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from modelward.core.errors import InputError
from modelward.pipeline.sandbox import landlock
from modelward.pipeline.sandbox.order import Mount

PRIVATE = "/tmp"  # noqa: S108  where the private temporary directory is mounted
_MAX_LINKS = 40
_RIGHTS = {
    "read": landlock.READ,
    "write": landlock.READ | landlock.WRITE,
    "empty": landlock.LIST,
    "device": landlock.DEVICE,
}
#: What is there in every layout.
_SYSTEM_RIGHTS = {
    "/": landlock.LIST,
    "/etc": landlock.READ,
    "/proc": landlock.READ,
    "/dev/shm": landlock.READ | landlock.WRITE,  # noqa: S108
}
_SYSTEM_WORDS = {"/proc": "system", "/dev": "system", "/sys": "base", "/etc/hosts": "system"}


def chain(path: Path) -> tuple[dict[str, str], str]:
    """The symbolic links on the way along `path`, each with its target, and the real path at the end.

    Raises InputError if there are too many.
    """
    links: dict[str, str] = {}
    here = "/"
    parts = deque(str(path.absolute()).split("/"))
    hops = 0
    while parts:
        part = parts.popleft()
        if part in ("", "."):
            continue
        if part == "..":
            here = os.path.dirname(here)
            continue
        there = os.path.join(here, part)
        if not os.path.islink(there):
            here = there
            continue
        links[there] = target = os.readlink(there)
        hops += 1
        if hops > _MAX_LINKS:
            raise InputError("too many symbolic links", where=str(path))
        if target.startswith("/"):
            here = "/"
        parts.extendleft(reversed(target.split("/")))
    return links, here


@dataclass(slots=True)
class Layout:
    """Places gathered one by one, in any order; `mounts` sorts them out."""

    directory: str
    links: dict[str, str] = field(default_factory=dict)
    visible: dict[str, str] = field(default_factory=lambda: dict(_SYSTEM_WORDS))
    behind: dict[str, str] = field(default_factory=dict)
    _places: dict[str, Mount] = field(default_factory=dict)

    def read(self, path: Path, word: str) -> None:
        """Show a file or tree where it is outside, never to be written. Links on the way are made too."""
        links, real = chain(path)
        self.links |= links
        if not os.path.exists(real):
            return
        self.visible[real] = word
        self._places.setdefault(real, Mount(real, real, "read", os.path.isdir(real)))

    def write(self, source: str, target: str, word: str) -> None:
        """Show the scratch directory `source` at `target`."""
        self._places[target] = Mount(source, target, "write")
        self.visible[target] = word
        self.behind[target] = source

    def device(self, path: str) -> None:
        """Show a device file."""
        self._places[path] = Mount(path, path, "device", directory=False)

    def cover(self, path: str, *, writable: bool = False) -> None:
        """Show nothing of a directory that a place around it would show.

        With `writable` also where that place is writable, so that this one is not.
        """
        around = _nearest(path, self._places)
        if path not in self._places and around is not None and (writable or around.access == "read"):
            self._places[path] = Mount("", path, "empty")

    @property
    def mounts(self) -> list[Mount]:
        """Outer places before inner ones; without what an outer one shows already."""
        kept: dict[str, Mount] = {}
        for target in sorted(self._places, key=lambda path: (path.count("/"), path)):
            place = self._places[target]
            around = _nearest(target, kept)
            if not (place.access == "read" and around is not None and around.access == "read"):
                kept[target] = place
        return list(kept.values())

    @property
    def own_links(self) -> dict[str, str]:
        """Links that must be made, because no place shows them."""
        kept = {mount.target: mount for mount in self.mounts}
        shown = {path: _nearest(path, kept) for path in self.links}
        return {
            path: self.links[path]
            for path, around in shown.items()
            if around is None or around.access != "read"
        }

    @property
    def rights(self) -> dict[str, int]:
        """The same for Landlock."""
        return {**_SYSTEM_RIGHTS, **{mount.target: _RIGHTS[mount.access] for mount in self.mounts}}

    def own_names(self, target: str) -> set[str]:
        """Names in a writable place that the layout itself makes there, as mount points."""
        prefix = f"{target}/"
        everything = [*self._places, *self.links, self.directory]
        return {path[len(prefix) :].split("/")[0] for path in everything if path.startswith(prefix)}


def _nearest(path: str, places: dict[str, Mount]) -> Mount | None:
    """The innermost place around `path`, other than itself."""
    while (shorter := os.path.dirname(path)) != path:
        if shorter in places:
            return places[shorter]
        path = shorter
    return None
