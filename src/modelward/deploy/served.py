"""The bytes that are served, against the manifest that was released."""

from __future__ import annotations

import os
from pathlib import Path

from modelward.artifact.hashing import hash_tree
from modelward.artifact.manifest import Difference, Manifest
from modelward.attest.predicates import Release
from modelward.core.errors import InputError, Rejected
from modelward.core.progress import Progress

_SHOWN = 5


def released_manifest(listing: bytes, release: Release) -> Manifest:
    """The manifest of the released artifact. Raises Rejected if `listing` is another one's."""
    manifest = Manifest.parse(listing)
    if str(manifest.digest) != release.artifact:
        raise Rejected("the manifest is not that of the released artifact")
    return manifest


def compare(
    manifest: Manifest, path: Path, *, allow_links: bool = False, progress: Progress | None = None
) -> None:
    """Hash the tree at `path` in its final place and compare it with the released manifest.

    Raises Rejected for missing, extra or changed files, and for links, which could point elsewhere tomorrow.
    """
    if not path.is_dir():
        raise InputError("there is no directory to verify", where=str(path))
    if not allow_links:
        refuse_links(path)
    found = hash_tree(path, progress=progress)
    if found.digest != manifest.digest:
        raise different(manifest.diff(found), path)


def refuse_links(path: Path) -> None:
    """Refuse a tree with a link in it, wherever that leads. Raises Rejected."""
    for directory, directories, files in os.walk(path):
        for name in (*directories, *files):
            place = Path(directory, name)
            if place.is_symlink():
                raise Rejected(
                    "is a link, which could be pointed elsewhere after verification",
                    where=str(place),
                    help="serve a copy, or pass --allow-links if nobody else can write there",
                )


def different(difference: Difference, path: Path) -> Rejected:
    """The error for a tree at `path` that differs from the released one; shows a few names of each kind."""
    lines = []
    for what, names in (
        ("changed", difference.changed),
        ("missing", difference.missing),
        ("not in the release", difference.extra),
    ):
        shown = ", ".join(names[:_SHOWN]) + (
            f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        )
        if names:
            lines.append(f"{what}: {shown}")
    return Rejected("the bytes are not those that were released\n" + "\n".join(lines), where=str(path))
