"""The other detectors, on the same rows and the same features: ART, cleanlab, an n-gram z-score.

ART (spectral signatures, activation clustering) and cleanlab live in an environment of their own under
.cache/poison/peers and run there (others.py). The z-score is written here from the paper (He et al. 2023,
"Mitigating Backdoor Poisoning Attacks through the Lens of Spurious Correlation"): unigrams whose class
frequency departs most from the class's share. All of them need classes: labels, or clusters of the outputs;
of a preference the class says on which side the preferred answer was put.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
import venv
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.poison.sets import CACHE, Rows
from sklearn.cluster import MiniBatchKMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

PACKAGES = ("adversarial-robustness-toolbox==1.20.1", "cleanlab==2.9.0", "packaging", "scikit-learn>=1.6")
DIMENSIONS, CLUSTERS = 100, 8


def python() -> Path | None:
    """The Python that has ART and cleanlab, set up if need be; None if they cannot be installed."""
    home = CACHE / "peers"
    found = home / "bin" / "python"
    ready = home / "ready"
    if not ready.is_file():
        print("setting up ART and cleanlab", file=sys.stderr)
        venv.create(home, with_pip=True)
        command = [found, "-m", "pip", "--disable-pip-version-check", "--quiet", "install", *PACKAGES]
        if subprocess.run(command, check=False).returncode:
            return None
        ready.write_text("\n".join(PACKAGES))
    return found


def embedded(texts: tuple[str, ...]) -> Any:
    """TF-IDF over words and pairs of words, down to a hundred dimensions."""
    weights = TfidfVectorizer(
        ngram_range=(1, 2), min_df=2, max_features=50_000, sublinear_tf=True
    ).fit_transform(texts)
    return TruncatedSVD(min(DIMENSIONS, weights.shape[1] - 1), random_state=0).fit_transform(weights)


def posed(rows: Rows) -> tuple[Any, Any]:
    """Features and classes of a set, as the peers need them."""
    if rows.labels:
        return embedded(rows.inputs), np.unique(rows.labels, return_inverse=True)[1]
    assert rows.outputs
    if rows.rejected:
        both = embedded(rows.outputs + rows.rejected)
        side = np.random.default_rng(0).integers(0, 2, len(rows))
        difference = both[: len(rows)] - both[len(rows) :]
        return np.hstack([embedded(rows.inputs), difference * (2 * side - 1)[:, None]]), side
    said = embedded(rows.outputs)
    clusters = MiniBatchKMeans(CLUSTERS, random_state=0, n_init=3).fit_predict(said)
    return embedded(rows.inputs), np.unique(clusters, return_inverse=True)[1]


def z_score(rows: Rows, labels: Any) -> Any:
    """For each row the highest z of its words with its class."""
    share = np.bincount(labels) / len(labels)
    words = [set(re.findall(r"\w+", text.lower())) for text in rows.inputs]
    together = Counter((word, label) for found, label in zip(words, labels, strict=True) for word in found)
    alone = Counter(word for found in words for word in found)
    scores = np.zeros(len(labels))
    for row, (found, label) in enumerate(zip(words, labels, strict=True)):
        expected = share[label]
        spread = np.sqrt(expected * (1 - expected)) or 1.0
        scores[row] = max(
            (
                (together[word, label] / alone[word] - expected) / spread * np.sqrt(alone[word])
                for word in found
            ),
            default=0.0,
        )
    return scores


def scores(rows: Rows) -> dict[str, Any]:
    """What each peer says of each row, by the peer's name. Kept under .cache for the same rows."""
    here = Path(__file__).parent
    told = hashlib.sha256(repr((PACKAGES, rows.columns())).encode("utf-8", "surrogatepass"))
    for name in ("others.py", "peers.py"):
        told.update((here / name).read_bytes())
    kept = CACHE / "answers" / f"{told.hexdigest()}.npz"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(kept, **_scores(rows))
    with np.load(kept) as loaded:
        return {name: loaded[name] for name in loaded.files}


def _scores(rows: Rows) -> dict[str, Any]:
    features, labels = posed(rows)
    found = {"z-score": z_score(rows, labels)}
    interpreter = python()
    if interpreter is None:
        return found
    with tempfile.TemporaryDirectory() as directory:
        given, made = Path(directory) / "in.npz", Path(directory) / "out.npz"
        np.savez(given, features=features.astype(np.float32), labels=labels)
        program = Path(__file__).parent / "others.py"
        subprocess.run([interpreter, "-W", "ignore", program, given, made], check=True)
        with np.load(made) as loaded:
            found |= {name: loaded[name] for name in loaded.files}
    return found
