"""`modelward digest`: the names of files and trees."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli import output
from modelward.core.errors import UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.artifact.manifest import Manifest
    from modelward.core.digest import Digest


@dataclass(frozen=True)
class _Named:
    path: str
    digest: Digest
    files: int
    bytes: int | None
    manifest: Manifest | None

    def as_json(self) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "path": _text(self.path),
            "digest": str(self.digest),
            "files": self.files,
            "bytes": self.bytes,
        }
        if self.manifest:
            answer["manifest"] = [
                {"name": entry.name, "digest": str(entry.digest), "size": entry.size}
                for entry in self.manifest.entries
            ]
        return answer


@click.command("digest")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path())
@click.option("--manifest", "listing", is_flag=True, help="Print the SHA256SUMS listing of one PATH instead.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def digest(paths: tuple[str, ...], listing: bool, as_json: bool) -> None:
    """Print the digest of each PATH: sha256:HEX of a file, dirHash:HEX of a directory's tree.

    With one PATH the digest stands alone; with several, each is followed by two spaces and its path.
    """
    if listing and len(paths) > 1:
        raise UsageError("--manifest takes one PATH", help="run it once for each")
    named = [_name(path, listing) for path in paths]
    if as_json:
        output.answer_json({"digests": [one.as_json() for one in named]})
    elif named[0].manifest:
        sys.stdout.buffer.write(named[0].manifest.to_bytes())
    elif len(named) == 1:
        output.answer(str(named[0].digest))
    else:
        for one in named:
            output.answer(f"{one.digest}  {escape(one.path)}")


def _name(path: str, listing: bool) -> _Named:
    from modelward.artifact.hashing import hash_file, hash_tree
    from modelward.artifact.manifest import Entry, Manifest
    from modelward.cli.progress import progress

    place = Path(path)
    if place.is_dir():
        tree = hash_tree(place, progress=progress(path))
        return _Named(path, tree.digest, tree.files, tree.bytes, tree if listing else None)
    file = hash_file(place, progress=progress(path))
    size = place.stat().st_size
    manifest = Manifest((Entry(_text(place.name), file, size),)) if listing else None
    return _Named(path, file, 1, size, manifest)


def _text(path: str) -> str:
    """A path as JSON can hold it: bytes that are not UTF-8 as escapes."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")
