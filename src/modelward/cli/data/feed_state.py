"""What is known of the contributors of a feed, kept between its batches in a file, and as signed statements.

A registry knows which state is the newest: an older one, which would forget evidence, is refused, and so is a
batch that was counted already.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelward.cli.data.check_options import has_registry
from modelward.core.digest import Digest
from modelward.core.errors import InputError, Rejected, UsageError

if TYPE_CHECKING:
    from modelward.attest.predicates import ContributorState
    from modelward.attest.statement import Statement
    from modelward.data.checks.document import Document

_MAX_BYTES = 256 << 20


@dataclass(frozen=True)
class FeedState:
    """The state before a batch. Without a feed it is empty and stays so."""

    feed: str = ""
    path: Path | None = None
    data: bytes = b""
    batch: int = 1

    @classmethod
    def open(cls, feed: str | None, path: Path | None, subject: Digest, registry: Path | None) -> FeedState:
        """Read the state before the batch `subject`. Raises InputError, UsageError; Rejected for an old."""
        from modelward.cli.data.options import check_name

        if feed is None and path is None:
            return cls()
        if feed is None or path is None:
            raise UsageError("a feed has a name and a state", help="give --feed NAME and --state FILE")
        check_name(feed)
        data = _read(path)
        said = _recorded(feed, registry)
        if said:
            newest = said[-1][1]
            following = _read(_following(path))
            if following and newest.state == str(Digest.sha256(following)):
                data = following  # it was recorded, and then not renamed
            if newest.state != str(Digest.sha256(data)):
                raise Rejected(
                    f"it is not the state that was recorded after batch {newest.batch} of {feed}",
                    where=str(path),
                    help="restore it: with another state evidence would be forgotten",
                )
            if any(known == subject for known, _ in said):
                raise Rejected(f"this batch is in the state of {feed} already", where=str(path))
        elif data and has_registry(registry):
            raise Rejected(f"no state of {feed} was recorded", where=str(path), help="begin without the file")
        return cls(feed, path, data, said[-1][1].batch + 1 if said else 1)

    def known_to(self, options: Any) -> Any:
        """The options of the checks with what is known."""
        return replace(options, state=self.data) if self.feed else options

    def statements(self, document: Document, state: bytes) -> list[Statement]:
        """That this is now known. None without a feed, or where it is published nowhere."""
        if not self.feed or not state:
            return []
        from modelward.attest.predicates import ContributorState
        from modelward.cli.data.publishing import statement_of
        from modelward.core import instant
        from modelward.data.checks import feed

        accused = {one.trigger for one in document.findings if one.check == "contributors"}
        made = {
            "feed": self.feed,
            "batch": self.batch,
            "rows": document.data.rows,
            "state": str(Digest.sha256(state)),
            "contributors": len(feed.read(state).names),
            "accused": len(accused),
            "level": document.level,
            "updatedAt": instant.render(instant.now()),
        }
        if self.data:
            made["former"] = str(Digest.sha256(self.data))
        return [statement_of(document.data.name, Digest.parse(document.data.digest), ContributorState, made)]

    def write(self, state: bytes) -> None:
        """Write the state beside its place, before it is recorded. Raises InputError."""
        from modelward.core import atomic

        if self.path is None or not state:
            return
        try:
            atomic.write_bytes(_following(self.path), state)
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", where=str(self.path)) from None

    def keep(self, state: bytes) -> None:
        """Let the state that was written take its place."""
        if self.path is not None and state:
            _following(self.path).replace(self.path)


def _following(path: Path) -> Path:
    return path.with_name(f"{path.name}.next")


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
    if len(data) > _MAX_BYTES:
        raise InputError(f"the state is over {_MAX_BYTES >> 20} MiB", where=str(path))
    return data


def _recorded(feed: str, registry: Path | None) -> list[tuple[Digest, ContributorState]]:
    """The verified states of a feed with the batch of each, oldest first; none without a registry."""
    if not has_registry(registry):
        return []
    from modelward.attest.predicates import ContributorState
    from modelward.cli.publish import open_registry

    found = []
    with open_registry(registry) as opened:
        subjects = dict.fromkeys(
            entry.subject for entry in opened.entries_of([ContributorState.TYPE], opened.log.size)
        )
        for subject in subjects:
            found += [
                (subject, verified.statement.typed(ContributorState))
                for verified in opened.statements_about(subject)
                if verified.statement.predicate_type == ContributorState.TYPE
            ]
    return sorted((pair for pair in found if pair[1].feed == feed), key=lambda pair: pair[1].batch)
