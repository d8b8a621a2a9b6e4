import json
from pathlib import Path

import pytest

from modelward.core.errors import InputError, UsageError
from modelward.data.checks import corpus
from modelward.data.checks.corpus import Columns


def test_columns_are_found_by_their_names(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("id,text,label,contributor\n1,a fine film,good,ann\n2,a dull one,bad,\n", "utf-8")
    read = corpus.read(path)
    assert list(read.inputs) == ["a fine film", "a dull one"]
    assert read.labels is not None
    assert [read.labels.name(row) for row in range(2)] == ["good", "bad"]
    assert read.contributors is not None
    assert read.contributors.name(0) == "ann"
    assert read.outputs is None


def test_conversations_and_preferences_are_read_by_their_layout(tmp_path: Path) -> None:
    chat, pairs = tmp_path / "chat.jsonl", tmp_path / "pairs.jsonl"
    said = [{"role": "system", "content": "be kind"}, {"role": "user", "content": "hi"}]
    chat.write_text(
        json.dumps({"messages": [*said, {"role": "assistant", "content": "hello"}]}) + "\n", "utf-8"
    )
    pairs.write_text(json.dumps({"prompt": "hi", "chosen": "yes", "rejected": "no"}) + "\n", "utf-8")
    one, two = corpus.read(chat), corpus.read(pairs)
    assert (one.inputs[0], one.system and one.system[0], one.outputs and one.outputs[0]) == (
        "hi",
        "be kind",
        "hello",
    )
    assert (two.outputs and two.outputs[0], two.rejected and two.rejected[0]) == ("yes", "no")


def test_a_column_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("text,label\na,b\n", "utf-8")
    with pytest.raises(UsageError, match="no column 'stars'"):
        corpus.read(path, Columns(label="stars"))


def test_a_dataset_without_text_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "numbers.jsonl"
    path.write_text('{"a": 1}\n', "utf-8")
    with pytest.raises(InputError, match="no column holds text"):
        corpus.read(path)


def test_lone_surrogates_and_long_texts_are_kept_in_bounds() -> None:
    made = corpus.of_lists(["a\ud800b", "x" * 10])
    assert made.inputs[0] == "a?b"
    assert made.inputs.part(1, 2) == ["x" * 10]
