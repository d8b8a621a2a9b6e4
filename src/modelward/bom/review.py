"""The review BOM as the gate sees it: a digest, and which required fields are missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from modelward.bom import completeness
from modelward.core import strict_json
from modelward.core.digest import Digest


@dataclass(frozen=True)
class ReviewBom:
    """A CycloneDX document made for a promotion request."""

    document: Mapping[str, Any]

    @cached_property
    def digest(self) -> Digest:
        """The SHA-256 of the canonical JSON: what approvals bind."""
        return Digest.sha256(strict_json.dumps(self.document))

    def missing(self, fields: Sequence[str]) -> Sequence[completeness.Missing]:
        """Which of the required fields are not filled."""
        return completeness.missing(self.document, fields)
