"""scikit-learn: its estimators, trees, neighbour searches, losses, kernels; its functions kept as values.

Read: scikit-learn 0.19.2, 0.20.4, 0.21.3, 0.22.2, 0.24.2, 1.0.2, 1.2.2, 1.5.2, 1.9.1, every class by its
table (tables/sklearn.txt), those in Cython by hand: `Tree.__setstate__` checks the dtype and shape of its
nodes, the others take tuples of typed values.
"""

from __future__ import annotations

from modelward.formats.pickle.contracts import (
    StateContract,
    any_of,
    constants,
    container,
    integer,
    made,
    named,
    natural,
    nothing,
    plain_state,
    takes,
)
from modelward.formats.pickle.profiles.entry import VALUE, Entry, profile
from modelward.formats.pickle.values import Value
from modelward.formats.wordlist import words

READ = "scikit-learn 0.19.2 to 1.9.1"

_SEARCHES = {
    "neighbors.kd_tree": "KDTree",
    "neighbors._kd_tree": "KDTree KDTree64 KDTree32 BinaryTree BinaryTree32 BinaryTree64",
    "neighbors.ball_tree": "BallTree",
    "neighbors._ball_tree": "BallTree BallTree64 BallTree32",
    "neighbors.quad_tree": "_QuadTree",
    "neighbors._quad_tree": "_QuadTree",
}
_METRICS = words(
    """
    BrayCurtisDistance CanberraDistance ChebyshevDistance DiceDistance DistanceMetric EuclideanDistance
    HammingDistance HaversineDistance JaccardDistance KulsinskiDistance MahalanobisDistance
    ManhattanDistance MatchingDistance MinkowskiDistance RogersTanimotoDistance RussellRaoDistance
    SEuclideanDistance SokalMichenerDistance SokalSneathDistance WMinkowskiDistance YuleDistance
    """
)
_METRIC_NAMES = frozenset(f"{name}{width}" for name in _METRICS for width in ("", "32", "64"))
_LOSSES = words(
    """
    CyAbsoluteError CyExponentialLoss CyHalfBinomialLoss CyHalfGammaLoss CyHalfMultinomialLoss
    CyHalfPoissonLoss CyHalfSquaredError CyHalfTweedieLoss CyHalfTweedieLossIdentity CyHuberLoss
    CyPinballLoss CyLossFunction
    """
)
_SGD = words(
    """
    Classification EpsilonInsensitive Hinge Huber Log LossFunction ModifiedHuber Regression
    SquaredEpsilonInsensitive SquaredHinge SquaredLoss
    """
)
_TREES = words(
    """
    BestFirstTreeBuilder DepthFirstTreeBuilder BestSplitter BestSparseSplitter RandomSplitter
    RandomSparseSplitter PresortBestSplitter ClassificationCriterion Entropy FriedmanMSE Gini MAE MSE
    Poisson RegressionCriterion
    """
)
_MAX_OUTPUTS = 1 << 16


def _state(*kinds: str) -> StateContract:
    known = any_of(nothing, container(*kinds))
    return lambda state, _: None if known(state) else "its state is not known"


def _outputs(item: Value) -> bool:
    """How many outputs a tree has, for each of which it takes a number out of its second argument."""
    return natural(item) and isinstance(item, int) and item <= _MAX_OUTPUTS


def _entries() -> dict[str, dict[str, Entry]]:
    tree = Entry(call=takes(natural, made, _outputs), state=plain_state)
    typed = Entry(
        call=takes(value_of_class, integer, any_of(nothing, container("tuple"))), state=_state("tuple")
    )
    found: dict[str, dict[str, Entry]] = {
        "sklearn.tree._tree": {"Tree": tree, **dict.fromkeys(_TREES, VALUE)},
    }
    for module, names in _SEARCHES.items():
        classes = dict.fromkeys(
            names.split(), Entry(call=takes(), new=takes(), state=_state("tuple", "dict"))
        )
        made_new = Entry(call=takes(named(*(f"sklearn.{module}.{name}" for name in classes))), value=False,
                         state=_state("tuple", "dict"))  # fmt: skip
        found[f"sklearn.{module}"] = {**classes, "newObj": made_new}
    for module in ("neighbors.dist_metrics", "neighbors._dist_metrics", "metrics._dist_metrics"):
        metric = Entry(new=takes(), state=_state("tuple"))
        metrics = tuple(f"sklearn.{module}.{name}" for name in _METRIC_NAMES)
        found[f"sklearn.{module}"] = {
            **dict.fromkeys(_METRIC_NAMES, metric),
            "newObj": Entry(call=takes(named(*metrics)), state=_state("tuple"), value=False),
        }
    losses = {f"__pyx_unpickle_{name}": typed for name in _LOSSES}
    found["sklearn._loss._loss"] = {
        **losses,
        **dict.fromkeys(
            _LOSSES, Entry(call=takes(constants, optional=1), new=takes(), state=_state("tuple"))
        ),
    }
    sgd = dict.fromkeys(_SGD, Entry(call=takes(constants, optional=1)))
    for module in ("linear_model._sgd_fast", "linear_model.sgd_fast"):
        found[f"sklearn.{module}"] = dict(sgd)
    for module in ("utils._bunch", "utils", "datasets.base", "utils.bunch"):
        bunch = Entry(call=takes(), new=takes(), state=plain_state, items=True)
        found.setdefault(f"sklearn.{module}", {})["Bunch"] = bunch
    return found


def value_of_class(item: Value) -> bool:
    """One of the losses."""
    return named(*(f"sklearn._loss._loss.{name}" for name in _LOSSES))(item)


PROFILE = profile(__file__, READ, _entries(), table=True)
