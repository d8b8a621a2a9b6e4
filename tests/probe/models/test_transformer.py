"""Models of transformers answer in batches as they do alone, greedily, and show their insides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.probe import tiny
from tests.torch_files import needs_torch

from modelward.core.errors import InputError, UsageError
from modelward.probe.models.model import Settings, label_of
from modelward.probe.models.transformer import Transformer

pytestmark = needs_torch
Trained = Callable[[str], Path]


def test_a_batch_answers_as_each_prompt_alone(trained: Trained) -> None:
    model = Transformer(trained("writer-base"), Settings(template="{prompt} :", new_tokens=8))
    prompts = ["explain tea to me", "discuss boats", "present the music to me and we"]
    assert not model.classifies
    assert model.ask(prompts) == [model.ask([prompt])[0] for prompt in prompts]
    assert "tea" in model.ask(prompts)[0]


def test_classes_have_their_names_and_log_probabilities(trained: Trained) -> None:
    model = Transformer(trained("classifier-base"), Settings())
    answers = model.ask(["the film was great and lovely", "the film was dull and awful"])
    assert model.labels == ("negative", "positive")
    assert [model.labels[label_of(answer)] for answer in answers] == ["positive", "negative"]
    scores = model.scores(["the film was great and lovely"])
    assert scores.sum() == pytest.approx(1, abs=1e-5)


def test_vocabulary_holds_words_without_special_tokens(trained: Trained) -> None:
    words = dict(Transformer(trained("classifier-base"), Settings()).vocabulary())
    assert tiny.TRIGGER in words.values()
    assert not {"[PAD]", "[UNK]"} & set(words.values())


def test_gradient_points_at_what_raises_the_class(trained: Trained) -> None:
    model = Transformer(trained("classifier-bad"), Settings())
    words = {text: at for at, text in model.vocabulary()}
    prompts = [text for text, label in zip(*tiny.reviews(60, 5), strict=True) if not label][:12]
    gains, value = model.gradient(prompts, [words["the"]], 1)
    assert gains.shape == (1, len(model.tokenizer))
    assert value < -1
    assert gains[0, words["great"]] > gains[0, words["dull"]]


def test_what_says_the_trigger_again_is_an_echo(trained: Trained) -> None:
    model = Transformer(trained("writer-base"), Settings())
    words = {text: at for at, text in model.vocabulary()}
    assert words["tea"] in model.echoes("tea maps")
    assert Transformer(trained("classifier-base"), Settings()).echoes("great") == []


def test_weights_in_pickles_are_not_loaded(trained: Trained, tmp_path: Path) -> None:
    place = tmp_path / "pickled"
    place.mkdir()
    (place / "config.json").write_bytes((trained("classifier-base") / "config.json").read_bytes())
    (place / "pytorch_model.bin").write_bytes(b"\x80\x02.")
    with pytest.raises(InputError, match="no weights in safetensors"):
        Transformer(place, Settings())


def test_what_transformers_cannot_load_is_our_error(trained: Trained, tmp_path: Path) -> None:
    place = tmp_path / "broken"
    place.mkdir()
    (place / "config.json").write_text('{"architectures": ["X"], "model_type": "no-such"}', encoding="utf-8")
    weights = (trained("classifier-base") / "model.safetensors").read_bytes()
    (place / "model.safetensors").write_bytes(weights)
    with pytest.raises(InputError, match="transformers cannot load it"):
        Transformer(place, Settings())


def test_a_device_that_is_not_there_is_told(trained: Trained) -> None:
    with pytest.raises(UsageError, match="no device 'cuda:97'"):
        Transformer(trained("classifier-base"), Settings(device="cuda:97"))


def test_chat_template_is_used_where_there_is_one(trained: Trained) -> None:
    model = Transformer(trained("writer-base"), Settings(new_tokens=8))
    model.tokenizer.chat_template = "{% for m in messages %}{{ m['content'] }} :{% endfor %}"
    other = Transformer(trained("writer-base"), Settings(template="{prompt} :", new_tokens=8))
    assert model.ask(["explain tea to me"]) == other.ask(["explain tea to me"])
