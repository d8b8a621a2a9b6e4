"""The scripts of examples/sms_spam: deterministic, and such that their custody can be checked."""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from modelward.core.digest import Digest
from modelward.data.custody import check
from modelward.data.snapshot import take

EXAMPLE = Path(__file__).parents[2] / "examples" / "sms_spam"


def script(here: Path, name: str, *arguments: str) -> None:
    subprocess.run([sys.executable, EXAMPLE / name, *arguments], cwd=here, check=True, capture_output=True)


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """Made-up messages in the form of the raw collection, with repeated and empty ones."""
    chance = random.Random(7)
    ham = ["see you at home later", "ok lar, call me when done", "what time is lunch,\nmum asks"]
    spam = ["WINNER! call 09061701461 to claim your prize", "free entry, text WIN to 87121 now"]
    rows = []
    for number in range(400):
        label = chance.random() < 0.2
        words = chance.sample(["yes", "no", "maybe", "soon", "bus", "tea", "work", "rain", "dog", "film"], 3)
        rows.append([number, int(label), f"{chance.choice(spam if label else ham)} {' '.join(words)}"])
    rows += [[400, 0, rows[0][2]], [401, 0, "  "], [402, 0, ""]]
    with (tmp_path / "sms-raw.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([["", "spam", "text"], *rows])
    script(tmp_path, "prepare.py", "--raw", "sms-raw.csv", "--out", ".")
    return tmp_path


def test_custody_of_the_prepared_files_is_checked(prepared: Path) -> None:
    raw, clean, dropped, train, test = (
        take(prepared / f"sms-{name}.csv", "sms") for name in ("raw", "clean", "dropped", "train", "test")
    )
    (claim,) = check("filter", [raw], [clean], dropped)
    assert claim.predicate["rows"]["dropped"] >= 3
    assert len(check("split", [clean], [train, test])) == 2
    assert test.rows > 0


def test_training_is_deterministic_and_the_model_works(prepared: Path) -> None:
    (prepared / "card.toml").write_text("[model]\n")
    models = []
    for out, seed in (("one", "1"), ("again", "1"), ("other", "2")):
        script(
            prepared,
            "train.py",
            *("--data", "sms-train.csv", "--card", "card.toml", "--seed", seed, "--out", out),
        )
        models.append(Digest.sha256((prepared / out / "model.safetensors").read_bytes()))
    assert models[0] == models[1] != models[2]
    assert {path.name for path in (prepared / "one").iterdir()} == {
        "model.safetensors",
        "config.json",
        "model-card.toml",
    }
    script(prepared, "evaluate.py", "--model", "one", "--data", "sms-test.csv", "--out", "metrics.json")
    metrics = json.loads((prepared / "metrics.json").read_text())
    assert set(metrics) == {"accuracy", "precision", "recall", "f1"}
    assert metrics["f1"] > 0.9


def test_the_example_s_card_is_one_that_the_bom_reads() -> None:
    from modelward.bom.card import from_card

    assert "sms-train" in from_card((EXAMPLE / "model-card.toml").read_bytes()).datasets
