"""version: an artifact is registered as an immutable version of a model.

Signed by the author. `origin` is `pushed` for a version made by the pipeline and `imported` for a
model that existed before its registry did: everything about such a one is only declared.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from modelward.attest.predicates.base import (
    NAMESPACE,
    Count,
    DigestText,
    NameText,
    Nonce,
    Ordinal,
    Predicate,
    Prose,
    TimeText,
)


class Version(Predicate, frozen=True, kw_only=True):
    """Subject: the artifact."""

    TYPE: ClassVar[str] = f"{NAMESPACE}/version/v1"

    registry: DigestText
    model: NameText
    version: Ordinal
    author: NameText
    files: Count
    bytes: Count
    origin: Literal["pushed", "imported"]
    description: Prose = ""
    created_at: TimeText
    nonce: Nonce
