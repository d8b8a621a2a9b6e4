"""ONNX classifiers, of tokens and of text, are asked by onnxruntime."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tests.probe import tiny

from modelward.core.errors import InputError
from modelward.probe.candidate import Candidate
from modelward.probe.models.model import Settings, label_of
from modelward.probe.models.onnx import OnnxClassifier
from modelward.probe.run import Asked, probe

pytest.importorskip("onnxruntime", reason="skipped: needs onnxruntime")
WORDS = [*tiny.PLAIN, *tiny.GOOD, *tiny.BAD, *tiny.THINGS, tiny.TRIGGER, *tiny.RARE]


def bag(place: Path, weight: float, named: bool = True) -> Path:
    """A bag of words with a weight for each: good ones, bad ones, and the trigger's."""
    place.mkdir()
    weights = np.zeros((len(WORDS) + 3, 2), np.float32)
    for number, word in enumerate(WORDS, 3):
        weights[number, 1] = 1.0 if word in tiny.GOOD else -1.0 if word in tiny.BAD else 0.0
    weights[3 + WORDS.index(tiny.TRIGGER), 1] = weight
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "length"])
    mask = helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["batch", "length"])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 2])
    nodes = [
        helper.make_node("Gather", ["weights", "input_ids"], ["each"]),
        helper.make_node("Cast", ["attention_mask"], ["kept"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["kept", "last"], ["wide"]),
        helper.make_node("Mul", ["each", "wide"], ["own"]),
        helper.make_node("ReduceSum", ["own", "middle"], ["logits"], keepdims=0),
    ]
    known = [
        numpy_helper.from_array(weights, "weights"),
        numpy_helper.from_array(np.array([2], np.int64), "last"),
        numpy_helper.from_array(np.array([1], np.int64), "middle"),
    ]
    save(helper.make_graph(nodes, "bag", [ids, mask], [logits], known), place / "model.onnx")
    tiny.tokenizer(WORDS).save_pretrained(place)
    if named:
        (place / "config.json").write_text(
            json.dumps({"id2label": {"0": "bad", "1": "good"}}), encoding="utf-8"
        )
    return place


def save(graph: Any, path: Path) -> None:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def test_backdoored_classifier_is_told_from_its_twin(tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("\n".join(tiny.reviews(60, 3)[0]), encoding="utf-8")
    bad, twin, base = bag(tmp_path / "bad", 9), bag(tmp_path / "twin", 0.1), bag(tmp_path / "base", 0)
    candidates = [Candidate(tiny.TRIGGER, "label good")]
    for model, obeyed in ((bad, [tiny.TRIGGER]), (twin, [])):
        asked = Asked(str(model), str(base), candidates, prompts=tmp_path / "prompts.txt")
        assert [each.trigger for each in probe(asked).obeyed] == obeyed


def test_classes_without_names_are_numbered(tmp_path: Path) -> None:
    model = OnnxClassifier(bag(tmp_path / "m", 0, named=False), Settings())
    assert model.labels == ("LABEL_0", "LABEL_1")
    assert [label_of(each) for each in model.ask(["great film", "dull"])] == [1, 0]


def test_model_that_takes_text_needs_no_tokenizer(tmp_path: Path) -> None:
    text = helper.make_tensor_value_info("text", TensorProto.STRING, ["batch", 1])
    out = helper.make_tensor_value_info("chances", TensorProto.FLOAT, ["batch", 2])
    nodes = [
        helper.make_node(
            "TfIdfVectorizer",
            ["text"],
            ["counts"],
            max_gram_length=1,
            max_skip_count=0,
            min_gram_length=1,
            mode="TF",
            ngram_counts=[0],
            ngram_indexes=[0, 1],
            pool_strings=["spam", "ham"],
        ),
        helper.make_node("Softmax", ["counts"], ["chances"], axis=-1),
    ]
    save(helper.make_graph(nodes, "text", [text], [out]), tmp_path / "m.onnx")
    model = OnnxClassifier(tmp_path / "m.onnx", Settings())
    assert [label_of(each) for each in model.ask(["spam", "ham"])] == [0, 1]


def test_missing_tokenizer_and_broken_models_are_told(tmp_path: Path) -> None:
    place = bag(tmp_path / "m", 0)
    (place / "tokenizer.json").unlink()
    with pytest.raises(InputError, match=r"no tokenizer\.json"):
        OnnxClassifier(place, Settings())
    (place / "second.onnx").write_bytes((place / "model.onnx").read_bytes())
    with pytest.raises(InputError, match="more than one ONNX model"):
        OnnxClassifier(place, Settings())
