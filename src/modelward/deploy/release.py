"""Verification from Python, as the command line does it: a bundle, a pin, and what is remembered.

`modelward.verify` is `verify` here.
"""

from __future__ import annotations

import enum
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.errors import InputError, UsageError
from modelward.deploy import state as kept_state
from modelward.deploy.verify import Question, Verified, step, verify_release
from modelward.gate.release_bundle import MAX_BYTES


class State(enum.Enum):
    """Where the state is kept when no file is named."""

    IN_HOME = "MODELWARD_HOME/state"


@dataclass(frozen=True, slots=True)
class Asked:
    """A release, as a caller of the Python interface names it.

    place: `MODEL:STAGE`. bundle: the release bundle's file. root: the pinned identity of the registry.
    state: the file that remembers the registry; None to remember nothing.
    """

    place: str
    bundle: str | os.PathLike[str]
    root: str | Digest
    state: str | os.PathLike[str] | State | None = State.IN_HOME

    @contextmanager
    def verified(self, path: Path | None = None) -> Iterator[Verified]:
        """The verified release (and the tree at `path`); kept in mind when the block ends well (step 13)."""
        model, colon, stage = self.place.partition(":")
        if not (model and colon and stage):
            raise UsageError(f"not a stage: {self.place!r}", help="write it as MODEL:STAGE")
        pin = self.root if isinstance(self.root, Digest) else Digest.parse(self.root)
        place = self._state_place(pin)
        kept = None if place is None else kept_state.read(place)
        question = Question(model, stage, pin, path, instant.now(), kept)
        verified = verify_release(read_bundle(Path(self.bundle)), question)
        yield verified
        if place is not None:
            with step(13, "state"):
                kept_state.write(place, verified.state)

    def _state_place(self, pin: Digest) -> Path | None:
        if self.state is None:
            return None
        return kept_state.place_of(pin) if isinstance(self.state, State) else Path(self.state)


def verify(
    path: str | os.PathLike[str],
    place: str,
    *,
    bundle: str | os.PathLike[str],
    root: str | Digest,
    state: str | os.PathLike[str] | State | None = State.IN_HOME,
) -> Verified:
    """Verify that directory `path` is the current release of `place` (MODEL:STAGE), as `modelward verify`.

    bundle: the release bundle's file. root: the registry's identity, pinned (`sha256:HEX`), never taken from
    where the bundle comes from. state: the file that remembers what was seen of this registry (default: one
    in MODELWARD_HOME; None: nothing is remembered, so an older release is accepted until its status expires).

    Raises Rejected when the answer is no, Stale when a newer bundle is needed, another ModelwardError when it
    could not be told. Nothing but a returned value is a yes.
    """
    with Asked(place, bundle, root, state).verified(Path(path)) as verified:
        return verified


def read_bundle(path: Path) -> bytes:
    """The bytes of a release bundle's file, at most one over the cap, for the parser to refuse.

    Raises InputError.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"there is no release bundle: {error.strerror}",
            where=str(path),
            help="the registry writes one when it promotes; modelward registry export gives the current one",
        ) from error
