from __future__ import annotations

import io
import pickle
from typing import Any

import joblib
import numpy as np
import pytest
from scipy import sparse, stats
from sklearn.compose import ColumnTransformer
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KernelDensity, KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, LabelEncoder, OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from tests.formats.assemble import EMPTY_TUPLE, call, fetch, number, text
from tests.formats.assemble import pickle as assembled
from tests.formats.pickle.opinions import worst
from tests.scan.examine import examine

from modelward.core.finding import Verdict
from modelward.formats.pickle.judge import Opinion

X, Y = make_classification(40, 5, random_state=0)
RANDOM = np.random.RandomState(3)
TEXTS = ["ab bc cd", "de ef fg"] * 20

MODELS: list[Any] = [
    LogisticRegression().fit(X, Y),
    make_pipeline(StandardScaler(), SVC()).fit(X, Y),
    DecisionTreeClassifier().fit(X, Y),
    RandomForestClassifier(3, random_state=RANDOM).fit(X, Y),
    GradientBoostingClassifier(n_estimators=2).fit(X, Y),
    HistGradientBoostingClassifier(max_iter=2).fit(X, Y),
    AdaBoostClassifier(n_estimators=2).fit(X, Y),
    IsolationForest(n_estimators=2).fit(X),
    VotingClassifier([("a", GaussianNB()), ("b", SGDClassifier())]).fit(X, Y),
    KNeighborsClassifier(algorithm="kd_tree").fit(X, Y),
    KNeighborsClassifier(algorithm="ball_tree", metric="manhattan").fit(X, Y),
    KernelDensity().fit(X),
    MLPClassifier((3,), max_iter=400, tol=1.0).fit(X, Y),
    GaussianProcessClassifier().fit(X, Y),
    IsotonicRegression().fit(X[:, 0], Y),
    GridSearchCV(LogisticRegression(), {"C": [1, 2]}, scoring=make_scorer(accuracy_score), cv=2).fit(X, Y),
    RandomizedSearchCV(LogisticRegression(), {"C": stats.uniform(1, 2)}, n_iter=2, cv=2).fit(X, Y),
    CountVectorizer(preprocessor=str.lower).fit(TEXTS),
    TfidfVectorizer(dtype=np.float32).fit(TEXTS),
    LabelEncoder().fit(["a", "b"]),
    ColumnTransformer([("a", OneHotEncoder(), [0]), ("b", FunctionTransformer(np.log1p), [1])]).fit(
        np.abs(X)
    ),
    SelectKBest(k=2).fit(X, Y),
    sparse.csr_matrix(X),
    sparse.coo_array(X),
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_trained_model_is_clean(model: Any) -> None:
    for protocol in (2, 5):
        assert examine(pickle.dumps(model, protocol), "model.pkl").verdict is Verdict.CLEAN
    plain, packed = io.BytesIO(), io.BytesIO()
    joblib.dump(model, plain)
    joblib.dump(model, packed, compress=3)
    assert examine(plain.getvalue(), "model.joblib").verdict is Verdict.CLEAN
    assert examine(packed.getvalue(), "model.joblib").verdict is Verdict.CLEAN


def test_names_of_old_releases_are_known() -> None:
    for module, name in (
        ("sklearn.svm.classes", "SVC"),
        ("sklearn.tree.tree", "DecisionTreeClassifier"),
        ("sklearn.linear_model.logistic", "LogisticRegression"),
        ("sklearn.preprocessing.label", "LabelEncoder"),
        ("sklearn.ensemble.forest", "RandomForestClassifier"),
    ):
        assert worst(assembled(fetch(module, name) + EMPTY_TUPLE + b"\x81")) is Opinion.ALLOWED


COUNTS = call(
    "numpy.core.multiarray", "_reconstruct", fetch("numpy", "ndarray"), b"J" + bytes(4) + b"\x85", b"C\x01b"
)


@pytest.mark.parametrize(
    ("value", "opinion"),
    [
        (call("sklearn.tree._tree", "Tree", number(1), text("x"), number(1)), Opinion.MISUSED),
        (call("sklearn.tree._tree", "Tree", number(1), COUNTS, number(1 << 30)), Opinion.MISUSED),
        (call("sklearn.tree._tree", "Tree", number(1), COUNTS, number(9)), Opinion.ALLOWED),
        (call("sklearn.neighbors._kd_tree", "newObj", fetch("builtins", "dict")), Opinion.MISUSED),
        (
            call("sklearn._loss._loss", "__pyx_unpickle_CyHuberLoss", fetch("builtins", "dict"), number(1)),
            Opinion.MISUSED,
        ),
        (call("sklearn.svm._classes", "SVC", text("x")), Opinion.MISUSED),
        (
            fetch("sklearn.callback._scoring_monitor", "ScoringMonitor") + EMPTY_TUPLE + b"\x81",
            Opinion.UNKNOWN,
        ),
    ],
)
def test_near_misses_are_not(value: bytes, opinion: Opinion) -> None:
    assert worst(assembled(value)) is opinion
