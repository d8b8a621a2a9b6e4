"""Splits: which files of a directory are to train on, which to evaluate with, by their names."""

from __future__ import annotations

import re

#: Word in a path -> the split it means.
_NAMES = {
    "train": "train",
    "training": "train",
    "valid": "validation",
    "validation": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
    "eval": "test",
    "evaluation": "test",
    "heldout": "test",
}
_WORD = re.compile(r"[A-Za-z]+")

TRAIN = "train"


def split_of(name: str) -> str:
    """The split that a file belongs to: by its own name, else by the nearest folder's; "" where none says."""
    for part in reversed(name.split("/")):
        for word in _WORD.findall(part.lower()):
            if word in _NAMES:
                return _NAMES[word]
    return ""
