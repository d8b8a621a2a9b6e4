"""Train a spam filter on hashed words and word pairs: logistic regression, numpy only, a second or two.

    python train.py --data sms-train.csv --card model-card.toml --seed 1 --out model

Writes model.safetensors and config.json, and the card beside them. Same data and seed, same bytes.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import re
import shutil
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file

Floats = npt.NDArray[np.float32]

BUCKETS = 1 << 15
TOKEN = r"[a-z']+|[0-9]+|[^\sa-z0-9]"


def read(path: Path) -> tuple[list[str], list[int]]:
    """Messages, and labels (1 for spam)."""
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream, strict=True))
    return [row["text"] for row in rows], [int(row["spam"]) for row in rows]


def features(text: str, buckets: int, token: str) -> npt.NDArray[np.int64]:
    """The distinct buckets of a message's words and word pairs. A number counts by its length."""
    words = [f"#{len(word)}" if word.isdigit() else word for word in re.findall(token, text.lower())]
    grams = words + [" ".join(pair) for pair in itertools.pairwise(words)]
    return np.unique(np.array([zlib.crc32(gram.encode()) % buckets for gram in grams], np.int64))


def train(
    rows: list[npt.NDArray[np.int64]], labels: list[int], epochs: int, rate: float, seed: int
) -> tuple[Floats, float]:
    """Logistic regression by AdaGrad, one message at a time, in an order that the seed gives."""
    order = np.random.default_rng(seed)
    weights, squares = np.zeros(BUCKETS, np.float32), np.full(BUCKETS, 1e-6, np.float32)
    bias = 0.0
    for _ in range(epochs):
        for index in order.permutation(len(rows)):
            row = rows[index]
            scale = max(len(row), 1) ** -0.5  # a long message does not outweigh a short one
            odds = float(weights[row].sum()) * scale + bias
            error = 1 / (1 + np.exp(-odds)) - labels[index]
            slope = np.float32(error * scale)
            squares[row] += slope * slope
            weights[row] -= np.float32(rate) * slope / np.sqrt(squares[row])
            bias -= 0.01 * error
    return weights, bias


def main() -> None:
    """Read the arguments, train, write the model."""
    parser = argparse.ArgumentParser(description="Train the spam filter.")
    parser.add_argument("--data", type=Path, required=True, help="CSV with columns text and spam")
    parser.add_argument("--out", type=Path, required=True, help="directory of the model")
    parser.add_argument("--card", type=Path, help="a model card to put beside the model")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rate", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    texts, labels = read(options.data)
    rows = [features(text, BUCKETS, TOKEN) for text in texts]
    weights, bias = train(rows, labels, options.epochs, options.rate, options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    save_file({"weights": weights, "bias": np.array([bias], np.float32)}, options.out / "model.safetensors")
    config = {
        "model_type": "hashed-ngram-logistic-regression",
        "architectures": ["LogisticRegression"],
        "buckets": BUCKETS,
        "token": TOKEN,
        "ngrams": [1, 2],
        "id2label": {"0": "ham", "1": "spam"},
        "training": {"epochs": options.epochs, "rate": options.rate, "seed": options.seed, "rows": len(rows)},
    }
    (options.out / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    if options.card:
        shutil.copyfile(options.card, options.out / "model-card.toml")
    print(f"{options.out}: trained on {len(rows)} messages, {sum(labels)} of them spam")


if __name__ == "__main__":
    main()
