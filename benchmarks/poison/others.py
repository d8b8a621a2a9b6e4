"""ART and cleanlab over features and labels: run by their own Python, `others.py IN.npz OUT.npz`.

ART's defences take activations; the frozen features are those. Scores: of spectral signatures ART's own, of
activation clustering 1 for a row that ART calls poison; of
cleanlab 1 minus the self-confidence, with cross-validated probabilities.
"""

import logging
import sys
import warnings

import numpy as np
from art.defences.detector.poison import ActivationDefence, SpectralSignatureDefense
from cleanlab.rank import get_label_quality_scores
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict


class Frozen:
    """A classifier as far as ART's defences look at one: its last layer is the features themselves."""

    layer_names = ("features",)

    def __init__(self, classes):
        self.nb_classes = classes

    def get_activations(self, x, layer=None, batch_size=128, framework=False):
        """The features."""
        return x


def spectral(features, labels):
    """ART's scores within each class, in standard deviations of that class."""
    scores = np.zeros(len(features))
    for label in range(labels.max() + 1):
        rows = np.flatnonzero(labels == label)
        if len(rows) > 2:
            found = SpectralSignatureDefense.spectral_signature_scores(features[rows]).ravel()
            scores[rows] = found / (found.std() + 1e-12)
    return scores


def activation(features, labels):
    """ART's activation clustering."""
    defence = ActivationDefence(Frozen(labels.max() + 1), features, np.eye(labels.max() + 1)[labels])
    _, clean = defence.detect_poison(nb_clusters=2, nb_dims=10, reduce="PCA", cluster_analysis="smaller")
    return 1.0 - np.asarray(clean, float)


def self_confidence(features, labels):
    """cleanlab's self-confidence."""
    folds = max(2, min(5, int(np.bincount(labels).min())))
    chances = cross_val_predict(
        LogisticRegression(max_iter=200), features, labels, cv=folds, method="predict_proba"
    )
    return 1.0 - get_label_quality_scores(labels, chances, method="self_confidence")


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    logging.disable(logging.CRITICAL)
    given = np.load(sys.argv[1])
    features, labels = given["features"].astype(np.float64), given["labels"]
    found = {}
    for name, method in (("spectral", spectral), ("activation", activation), ("cleanlab", self_confidence)):
        try:
            found[name] = method(features, labels)
        except ValueError as problem:  # a class too small for the method
            print(f"{name}: {problem}", file=sys.stderr)
    np.savez(sys.argv[2], **found)
