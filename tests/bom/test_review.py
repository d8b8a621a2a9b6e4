"""The review BOM as the gate sees it."""

from __future__ import annotations

from tests.bom.conftest import Story

from modelward.bom.cyclonedx import to_cyclonedx
from modelward.bom.review import ReviewBom
from modelward.core import strict_json
from modelward.core.digest import Digest


def test_digest_is_that_of_the_canonical_json(story: Story) -> None:
    document = to_cyclonedx(story.bom())
    assert ReviewBom(document).digest == Digest.sha256(strict_json.dumps(document))
    stored = strict_json.loads(strict_json.dumps(document))
    assert ReviewBom(stored).digest == ReviewBom(document).digest


def test_missing_fields_are_those_of_the_document(bare: Story) -> None:
    review = ReviewBom(to_cyclonedx(bare.bom()))
    assert [entry.id for entry in review.missing(["MDL-12", "SP-05"])] == ["SP-05"]
