"""failure: a step of the pipeline that did not end well."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from modelward.attest.predicates.base import NAMESPACE, Count, NameText, Predicate, TimeText
from modelward.attest.predicates.slsa import BuildDefinition


class Failure(Predicate, frozen=True, kw_only=True):
    """Subject: the SHA-256 of `buildDefinition`, canonical JSON. It attests no output.

    `refused` are paths that the command tried to open without their being declared.
    """

    TYPE: ClassVar[str] = f"{NAMESPACE}/failure/v1"

    step: NameText
    build_definition: BuildDefinition
    invocation_id: Annotated[str, msgspec.Meta(max_length=128)]
    reason: Literal["exit-code", "signal", "time-limit"]
    exit_code: Count
    refused: tuple[Annotated[str, msgspec.Meta(max_length=4096)], ...] = ()
    started_at: TimeText
    finished_at: TimeText
