"""not-revoked: neither the artifact nor what it was made from."""

from __future__ import annotations

import pytest
from tests.gate.case import HARNESS, MODEL, OTHER_MODEL, RAW, TEST, TRAIN, complete

from modelward.core.digest import Digest
from modelward.gate.context import Revoked


@pytest.mark.parametrize("digest", [MODEL, TRAIN, RAW, TEST, HARNESS])
def test_a_revoked_ancestor_stops_the_model(digest: Digest) -> None:
    case = complete()
    case.revoked = (Revoked("artifact", digest, "poisoned rows"),)
    assert "poisoned rows" in case.failing()["not-revoked"]


def test_a_revoked_release_stops_it() -> None:
    case = complete()
    case.revoked = (Revoked("release", case.context().request.release_digest, "bad"),)
    assert "not-revoked" in case.failing()


def test_a_revocation_of_something_else_does_not() -> None:
    case = complete()
    case.revoked = (Revoked("artifact", OTHER_MODEL, "bad"),)
    assert "not-revoked" not in case.failing()
