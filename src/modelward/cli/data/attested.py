"""Inputs of a step, held against what was signed about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from modelward.cli import output
from modelward.core.errors import Rejected
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.core.digest import Digest
    from modelward.data.index import Index
    from modelward.data.options import Options
    from modelward.pipeline.evidence import EvidenceSource

#: How the file of an index is named.
INDEX_SUFFIX = ".index.parquet"


@dataclass(frozen=True, slots=True)
class Input:
    """An input as it was read, and the signed snapshot that it agrees with, if there is one."""

    path: Path | str
    index: Index
    snapshot: Digest | None = None
    signer: str = ""

    @property
    def origin(self) -> str:
        """For people: whose word its rows are."""
        return f"attested: snapshot by {self.signer}" if self.snapshot else "observed: no signed snapshot"


def read_inputs(
    paths: Sequence[Path | str], name: str, reading: Options, registry: Path | None
) -> list[Input]:
    """Read the inputs, data or their indexes, and hold them against the registry, where one is named.

    Raises Rejected for data that is not what its signed index says, naming the rows, and for an index that
    nobody signed; InputError.
    """
    from modelward.cli.config import load_config
    from modelward.cli.data.options import taken_from
    from modelward.cli.publish import open_evidence
    from modelward.data.index_file import read_index

    inputs = [
        Input(path, read_index(path) if is_index(path) else taken_from(path, name, reading)) for path in paths
    ]
    if not inputs or (registry is None and load_config().registry is None):
        return inputs
    with open_evidence(registry) as evidence:
        return [_held_against(given, evidence) for given in inputs]


def is_index(path: Path | str) -> TypeGuard[Path]:
    """Whether an input is the index of data that is elsewhere."""
    return isinstance(path, Path) and path.name.endswith(INDEX_SUFFIX)


def _held_against(given: Input, evidence: EvidenceSource) -> Input:
    from modelward.pipeline.recording import snapshot_of

    verified = snapshot_of(given.index, evidence)
    if verified is not None:
        return Input(given.path, given.index, verified.id, verified.principal.name)
    if is_index(given.path):
        raise Rejected(
            "nobody signed a snapshot with these roots",
            where=str(given.path),
            help="use the index of a recorded snapshot: modelward data snapshot",
        )
    _refuse_changed(given, evidence)
    return given


def _refuse_changed(given: Input, evidence: EvidenceSource) -> None:
    """Raise Rejected if the index beside the data was signed, and the data has other rows."""
    from modelward.data.index import default_path
    from modelward.data.index_file import read_index
    from modelward.data.verify import compare
    from modelward.pipeline.recording import snapshot_of

    place = default_path(given.path)
    if not place.is_file():
        return
    with read_index(place) as expected:
        signed = snapshot_of(expected, evidence)
        if signed is None or expected.subject == given.index.subject:
            return
        found = compare(expected, given.index)
        rows = [f"row {change.after} changed" for change in found.changed[:3]]
        rows += [f"{at} was added" for at in found.added[:3]]
        rows += [f"{at} was removed" for at in found.removed[:3]]
    if not found.same_rows:
        raise Rejected(
            f"{given.index.name} is not what {signed.principal.name} recorded"
            + "".join(f"\n{row}" for row in rows[:3]),
            where=str(given.path),
            help="restore it, or record it anew: modelward data snapshot; see modelward data verify",
        )


def answer_inputs(inputs: Sequence[Input]) -> None:
    """Say of each input whose word its rows are."""
    for given in inputs:
        output.answer(f"  input {escape(given.index.name)}  {given.index.rows:,} rows  {given.origin}")
