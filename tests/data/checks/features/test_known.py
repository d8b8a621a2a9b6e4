from tests.data.checks.conftest import Reviews

from modelward.data.checks.batch import Batch
from modelward.data.checks.features.known import tables


def test_every_kind_of_feature_is_made(clean: Reviews) -> None:
    kinds = {made.kind for made in tables(Batch(clean.corpus()))}
    assert {"words", "pairs", "writing", "parts", "structure"} <= kinds
