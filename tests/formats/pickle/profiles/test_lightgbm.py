from __future__ import annotations

import pickle

import lightgbm
import numpy as np
import pytest
from sklearn.datasets import make_classification
from tests.formats.assemble import EMPTY_DICT, EMPTY_TUPLE, fetch, number, text
from tests.formats.assemble import pickle as assembled
from tests.formats.pickle.opinions import worst
from tests.scan.examine import examine

from modelward.core.finding import Verdict
from modelward.formats.pickle.judge import Opinion


def test_trained_model_is_clean() -> None:
    features, labels = make_classification(60, 5, random_state=0)
    model = lightgbm.LGBMClassifier(n_estimators=2, verbose=-1).fit(np.asarray(features), labels)
    for value in (model, model.booster_):
        assert examine(pickle.dumps(value), "model.pkl").verdict is Verdict.CLEAN


@pytest.mark.parametrize(
    ("handle", "opinion"),
    [(b"N", Opinion.ALLOWED), (text("tree"), Opinion.ALLOWED), (number(4096), Opinion.MISUSED)],
)
def test_pointer_for_the_destructor_is_refused(handle: bytes, opinion: Opinion) -> None:
    made = fetch("lightgbm.basic", "Booster") + EMPTY_TUPLE + b"\x81"
    for key in ("handle", "_handle"):
        assert worst(assembled(made + EMPTY_DICT + text(key) + handle + b"sb")) is opinion
