"""Measure the spam filter on messages that it has not seen.

python evaluate.py --model model --data sms-test.csv --out metrics.json
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import re
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file


def features(text: str, buckets: int, token: str) -> npt.NDArray[np.int64]:
    """The distinct buckets of a message's words and word pairs, as train.py makes them."""
    words = [f"#{len(word)}" if word.isdigit() else word for word in re.findall(token, text.lower())]
    grams = words + [" ".join(pair) for pair in itertools.pairwise(words)]
    return np.unique(np.array([zlib.crc32(gram.encode()) % buckets for gram in grams], np.int64))


def metrics(labels: list[bool], guesses: list[bool]) -> dict[str, float]:
    """Accuracy, and precision, recall and F1 of spam."""
    hits = sum(label and guess for label, guess in zip(labels, guesses, strict=True))
    right = sum(label == guess for label, guess in zip(labels, guesses, strict=True))
    precision = hits / max(sum(guesses), 1)
    recall = hits / max(sum(labels), 1)
    return {
        "accuracy": right / max(len(labels), 1),
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / max(precision + recall, 1e-9),
    }


def main() -> None:
    """Read the arguments, score every message, write the metrics."""
    parser = argparse.ArgumentParser(description="Evaluate the spam filter.")
    parser.add_argument("--model", type=Path, required=True, help="directory of the model")
    parser.add_argument("--data", type=Path, required=True, help="CSV with columns text and spam")
    parser.add_argument("--out", type=Path, required=True, help="where the metrics go, as JSON")
    options = parser.parse_args()

    config = json.loads((options.model / "config.json").read_text(encoding="utf-8"))
    tensors = load_file(options.model / "model.safetensors")
    weights, bias = tensors["weights"], float(tensors["bias"][0])
    with options.data.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream, strict=True))
    guesses = []
    for row in rows:
        found = features(row["text"], config["buckets"], config["token"])
        guesses.append(float(weights[found].sum()) * max(len(found), 1) ** -0.5 + bias > 0)
    measured = metrics([row["spam"] == "1" for row in rows], guesses)
    options.out.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    print(f"{len(rows)} messages: " + ", ".join(f"{name} {value:.4f}" for name, value in measured.items()))


if __name__ == "__main__":
    main()
