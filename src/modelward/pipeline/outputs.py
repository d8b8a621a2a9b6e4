"""The places a step writes to: vacant before it starts, so that what is attested came from it alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from modelward.artifact.hashing import digest_of
from modelward.core.digest import Digest
from modelward.core.errors import InputError, Rejected, UsageError


@contextmanager
def vacated(outputs: Mapping[str, Path], *, overwrite: bool, suffix: str) -> Iterator[list[Path]]:
    """Make room for the outputs; yields where earlier ones were set aside (`PATH.before-SUFFIX`).

    If the command cannot even be started (InputError, Rejected), everything is put back. Raises UsageError
    if an output is there and `overwrite` is false.
    """
    for name, path in outputs.items():
        if not overwrite and not _vacant(path):
            raise UsageError(
                f"output {name} is there already",
                where=str(path),
                help="remove it, or pass --overwrite: what is attested must come from this run alone",
            )
    moved: list[tuple[Path, Path]] = []
    for path in outputs.values():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not _vacant(path):
            aside = path.with_name(f"{path.name}.before-{suffix}")
            path.rename(aside)
            moved.append((path, aside))
    try:
        yield [aside for _, aside in moved]
    except (InputError, Rejected):
        for path, aside in moved:
            aside.rename(path)
        raise


def product(name: str, path: Path, made: Path | None = None) -> Digest:
    """The digest of what the step wrote for `path`; it lies at `made` until it is put there.

    Raises Rejected if there is nothing, or a link: what it leads to was not made by the step.
    """
    made = path if made is None else made
    if _vacant(made):
        raise Rejected(
            f"the command ended well but made no output {name}",
            where=str(path),
            help="nothing was signed; check the path the command writes to",
        )
    if made.is_symlink():
        raise Rejected(
            f"output {name} is a symbolic link",
            where=str(path),
            help="nothing was signed; the step must write the file or directory itself",
        )
    return digest_of(made)


def place(name: str, path: Path, made: Path) -> None:
    """Put what the step wrote where it belongs. Raises Rejected if something has appeared there."""
    if made == path:
        return
    if not _vacant(path):
        raise Rejected(
            f"something else was put where output {name} belongs while the step ran",
            where=str(path),
            help="nothing was signed; find out what writes there, then run the step again",
        )
    try:
        made.rename(path)
    except OSError as error:
        raise InputError(f"cannot put output {name} into place: {error.strerror}", where=str(path)) from error


def remove(path: Path) -> None:
    """Remove a file, a link or a tree."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _vacant(path: Path) -> bool:
    if path.is_symlink():
        return False
    return not path.exists() or (path.is_dir() and next(path.iterdir(), None) is None)
