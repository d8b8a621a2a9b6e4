"""Nothing of a model is loaded that could run, and nothing that the scanner does not call clean."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
from tests.formats.assemble import SHELL
from tests.formats.assemble import pickle as assembled

from modelward.core.errors import InputError, Rejected
from modelward.probe.models.local import config, files, staged


@pytest.fixture
def model(tmp_path: Path) -> Path:
    place = tmp_path / "model"
    place.mkdir()
    (place / "config.json").write_text(
        '{"architectures": ["BertForSequenceClassification"]}', encoding="utf-8"
    )
    (place / "vocab.txt").write_text("a\nb\n", encoding="utf-8")
    return place


def test_only_what_holds_no_code_is_shown(model: Path) -> None:
    (model / "modeling_evil.py").write_text("raise SystemExit", encoding="utf-8")
    (model / "pytorch_model.bin").write_bytes(pickle.dumps({"a": 1}))
    with staged(model) as place:
        assert sorted(file.name for file in place.iterdir()) == ["config.json", "vocab.txt"]


@pytest.mark.parametrize(
    "entry",
    [
        {"auto_map": {"AutoModel": "evil.Model"}},
        {"attn_implementation": "somebody/kernels"},
        {"_attn_implementation": "somebody/kernels:evil"},
        {"custom_pipelines": {}},
    ],
)
def test_code_that_a_configuration_names_is_refused(model: Path, entry: dict[str, object]) -> None:
    (model / "config.json").write_text(json.dumps(entry), encoding="utf-8")
    with pytest.raises(Rejected, match="code of its own"), staged(model):
        pass


def test_code_that_a_tokenizer_names_is_refused(model: Path) -> None:
    (model / "tokenizer_config.json").write_text(
        '{"auto_map": {"AutoTokenizer": ["e.T", null]}}', encoding="utf-8"
    )
    with pytest.raises(Rejected, match="code of its own"), staged(model):
        pass


def test_a_file_that_is_not_clean_is_not_loaded(model: Path) -> None:
    (model / "chat_template.jinja").write_text(
        "{{ ''.__class__.__mro__[1].__subclasses__() }}", encoding="utf-8"
    )
    with pytest.raises(Rejected, match="so it is not loaded"), staged(model):
        pass


def test_a_pickle_named_safetensors_is_not_loaded(model: Path) -> None:
    (model / "model.safetensors").write_bytes(assembled(SHELL))
    with pytest.raises(Rejected, match="so it is not loaded"), staged(model):
        pass


def test_files_that_change_meanwhile_are_noticed(model: Path) -> None:
    with pytest.raises(InputError, match="changed while"), staged(model):
        (model / "vocab.txt").write_text("c\n", encoding="utf-8")


def test_configuration_that_is_none_is_named(model: Path) -> None:
    (model / "config.json").write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match="not a JSON object"):
        config(model)
    with pytest.raises(InputError, match="cannot read"):
        files(model / "none")
