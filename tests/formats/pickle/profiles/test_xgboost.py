from __future__ import annotations

import pickle

import pytest
import xgboost
from sklearn.datasets import make_classification
from tests.formats.assemble import EMPTY_DICT, EMPTY_TUPLE, data, fetch, number, text
from tests.formats.assemble import pickle as assembled
from tests.formats.pickle.opinions import worst
from tests.scan.examine import examine

from modelward.core.finding import Verdict
from modelward.formats.pickle.judge import Opinion


def test_trained_model_is_clean() -> None:
    features, labels = make_classification(40, 5, random_state=0)
    model = xgboost.XGBClassifier(n_estimators=2).fit(features, labels)
    for value in (model, model.get_booster()):
        assert examine(pickle.dumps(value), "model.pkl").verdict is Verdict.CLEAN


@pytest.mark.parametrize(
    ("handle", "opinion"),
    [
        (b"N", Opinion.ALLOWED),
        (data(b"model"), Opinion.ALLOWED),
        (number(4096), Opinion.MISUSED),
        (text("model"), Opinion.MISUSED),
    ],
)
def test_pointer_for_the_destructor_is_refused(handle: bytes, opinion: Opinion) -> None:
    made = fetch("xgboost.core", "Booster") + EMPTY_TUPLE + b"\x81"
    assert worst(assembled(made + EMPTY_DICT + text("handle") + handle + b"sb")) is opinion


def test_class_that_frees_a_pointer_is_not_on_the_list() -> None:
    assert worst(assembled(fetch("xgboost.core", "DMatrix") + EMPTY_TUPLE + b"\x81")) is Opinion.UNKNOWN
