"""Datasets as people name them on the command line: a recorded name, a path, or a digest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from modelward.core.digest import HEX_LENGTHS, Digest
from modelward.core.errors import InputError, Rejected

if TYPE_CHECKING:
    from modelward.registry.lineage import Lineage


@contextmanager
def open_lineage(registry: Path | None) -> Iterator[Lineage]:
    """What the registry's log tells of datasets, runs and models. Raises Rejected for a log tampered with."""
    from modelward.cli.publish import open_registry
    from modelward.registry.lineage import Lineage

    with open_registry(registry) as opened:
        if not opened.log_view.consistent:
            raise Rejected(
                f"nothing is read from a log that was tampered with: {opened.log_view.detail}",
                help="modelward log audit names what was changed",
            )
        yield Lineage(opened)


def is_digest(text: str) -> bool:
    """Whether it is meant as a digest."""
    return text.partition(":")[0] in HEX_LENGTHS


def datasets_named(lineage: Lineage, text: str) -> list[Digest]:
    """The datasets that a text means, oldest first: several where a name was used again.

    Raises InputError if nothing is recorded about it.
    """
    found = [Digest.parse(text)] if is_digest(text) else list(lineage.named(text)) or _lying_at(Path(text))
    known = [digest for digest in found if lineage.about(digest) or lineage.uses(digest)]
    if not known:
        raise InputError(
            "nothing is recorded about it" if found else "no dataset has this name, and no file lies there",
            where=text,
            help="name a dataset, its path or its digest; modelward data snapshot records one",
        )
    return known


def _lying_at(path: Path) -> list[Digest]:
    from modelward.artifact.hashing import digest_of
    from modelward.cli.progress import progress

    return [digest_of(path, progress=progress(f"hashing {path.name}"))] if path.exists() else []
