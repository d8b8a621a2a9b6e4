"""What the bytes tell, and that odd bytes tell less instead of failing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bom.conftest import safetensors

from modelward.artifact.manifest import Entry, Manifest
from modelward.bom.model import Grade
from modelward.bom.observed import Files, observe, role_of
from modelward.core.digest import Digest


def files(contents: dict[str, bytes]) -> Files:
    manifest = Manifest.of(Entry(name, Digest.sha256(data)) for name, data in contents.items())
    return Files(manifest, contents.get, lambda name, size: contents[name][:size])


def facts(contents: dict[str, bytes]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for fact in observe(files(contents)):
        merged.setdefault(fact.field, {}).update(fact.value)
    return merged


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("config.json", "configuration"),
        ("sub/tokenizer.json", "tokenizer"),
        ("chat_template.jinja", "chat template"),
        ("adapter_model.safetensors", "adapter"),
        ("model-00001-of-00002.safetensors", "weights"),
        ("pytorch_model.BIN", "weights"),
        ("modeling_x.py", "code"),
        ("notes.txt", ""),
    ],
)
def test_roles_by_name(name: str, role: str) -> None:
    assert role_of(name) == role


def test_architecture_from_config() -> None:
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "torch_dtype": "bfloat16",
        "num_hidden_layers": 4,
        "quantization_config": {"quant_method": "gptq"},
        "auto_map": {"AutoModel": "modeling_x.X"},
    }
    found = facts({"config.json": json.dumps(config).encode(), "model.safetensors": b"?"})
    assert found["MDL-09"] == {
        "architecture": "LlamaForCausalLM",
        "family": "llama",
        "precision": "bfloat16",
        "layers": 4,
        "quantisation": "gptq",
    }
    assert found["MDL-17"]["remoteCode"] is True


def test_parameters_of_all_shards_together() -> None:
    one, two = safetensors({"a": ("F32", [2])}), safetensors({"b": ("F32", [3])})
    found = facts({"m-1.safetensors": one, "m-2.safetensors": two})
    assert found["MDL-09"] == {"tensors": 2, "parameters": 5, "types": {"F32": 5}}


def test_one_unreadable_shard_gives_no_false_count() -> None:
    assert "MDL-09" not in facts(
        {"m-1.safetensors": safetensors({"a": ("F32", [2])}), "m-2.safetensors": b"x"}
    )


def test_formats_that_may_run_code_are_said_to() -> None:
    assert facts({"a.safetensors": b""})["MDL-17"]["mayRunCode"] is False
    found = facts({"a.safetensors": b"", "pytorch_model.bin": b"", "x.py": b""})["MDL-17"]
    assert (found["formats"], found["mayRunCode"], found["codeFiles"]) == (
        ["pytorch", "safetensors"],
        True,
        1,
    )


def test_base_of_an_adapter_is_the_word_of_its_writer() -> None:
    config = json.dumps({"peft_type": "LORA", "base_model_name_or_path": "acme/base"}).encode()
    found = {fact.field: fact for fact in observe(files({"adapter_config.json": config}))}
    assert found["MDL-15"].value == {"derivation": "adapter (LORA)"}
    assert found["MDL-14"].grade is Grade.DECLARED


def test_licence_file_is_seen() -> None:
    assert facts({"LICENSE": b"x"})["MDL-12"] == {"files": ["LICENSE"]}


@pytest.mark.parametrize(
    "config", [b"", b"[]", b"\xff", b'{"a":1,"a":2}', b"[" * 1000, b'{"architectures":[1]}']
)
def test_odd_config_gives_fewer_facts(config: bytes) -> None:
    assert "MDL-09" not in facts({"config.json": config})


def test_long_text_is_cut() -> None:
    config = json.dumps({"model_type": "x" * 10_000}).encode()
    assert len(facts({"config.json": config})["MDL-09"]["family"]) == 200


@given(
    st.dictionaries(
        st.sampled_from(["architectures", "model_type", "torch_dtype", "vocab_size", "quantization_config"]),
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2),
    )
)
def test_any_config_is_read_without_an_error(config: dict[str, Any]) -> None:
    facts({"config.json": json.dumps(config).encode(), "adapter_config.json": json.dumps(config).encode()})
