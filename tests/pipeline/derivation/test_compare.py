"""What a model is to the base that it names: real derivations, strangers, and what only resembles either."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import ml_dtypes
import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from tests.pipeline.derivation.llamas import (
    CONFIG,
    INNER,
    LAYERS,
    SETTINGS,
    WIDTH,
    Tensors,
    against,
    changed,
    llama,
    save,
)

from modelward.core.errors import InputError, LimitExceeded
from modelward.pipeline.derivation import weights
from modelward.pipeline.derivation.compare import Derivation, Settings, compare

BASE = llama(1)


def states(found: Derivation) -> set[str]:
    return {each.figures.state for each in found.tensors if each.figures.votes}


def noise(scale: float, seed: int = 9) -> Callable[[str, Any], Any]:
    draw = np.random.default_rng(seed)
    return lambda name, one: one + (draw.standard_normal(one.shape) * scale * one.std()).astype(np.float32)


# derivations


def test_the_base_itself_is_consistent(tmp_path: Path) -> None:
    found = against(tmp_path, BASE, BASE)
    assert (found.verdict, states(found)) == ("consistent", {"equal"})
    assert found.shares.related == found.shares.covered == 1.0


@pytest.mark.parametrize("scale", [0.001, 0.1, 0.7])
def test_full_fine_tuning_is_consistent(tmp_path: Path, scale: float) -> None:
    found = against(tmp_path, changed(BASE, noise(scale)), BASE)
    assert (found.verdict, states(found)) == ("consistent", {"near"})


def test_merged_lora_is_a_change_of_low_rank(tmp_path: Path) -> None:
    draw = np.random.default_rng(3)

    def merge(name: str, one: Any) -> Any:
        if "q_proj" not in name:
            return one
        return one + (draw.standard_normal((len(one), 4)) @ draw.standard_normal((4, one.shape[1])) * 0.02)

    tuned = {name: one.astype(np.float32) for name, one in changed(BASE, merge).items()}
    found = against(tmp_path, tuned, BASE)
    assert found.verdict == "consistent"
    low = [each for each in found.tensors if each.figures.state == "low-rank"]
    assert [each.figures.rank for each in low] == [4] * LAYERS


def test_a_few_edited_weights_are_sparse(tmp_path: Path) -> None:
    tuned = {name: one.copy() for name, one in BASE.items()}
    tuned["model.layers.1.mlp.up_proj.weight"][3, 5:9] = 4.0
    found = against(tmp_path, tuned, BASE)
    (edited,) = [each for each in found.tensors if each.figures.state != "equal"]
    assert (found.verdict, edited.figures.state) == ("consistent", "sparse")
    assert edited.figures.changed == 4 / (INNER * WIDTH)


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_pruning_is_consistent(tmp_path: Path, share: float) -> None:
    draw = np.random.default_rng(5)
    found = against(tmp_path, changed(BASE, lambda _, one: one * (draw.random(one.shape) > share)), BASE)
    assert (found.verdict, states(found)) == ("consistent", {"pruned"})


@pytest.mark.parametrize("kind", [ml_dtypes.bfloat16, np.float16, np.float64])
def test_another_type_of_floats_is_consistent(tmp_path: Path, kind: Any) -> None:
    cast = changed(BASE, lambda _, one: one.astype(kind))
    assert against(tmp_path, cast, BASE).verdict == "consistent"


def test_int8_with_scales_elsewhere_is_a_quantised_copy(tmp_path: Path) -> None:
    def quantise(_: str, one: Any) -> Any:
        return np.round(one / np.abs(one).max(axis=1, keepdims=True) * 127).astype(np.int8)

    found = against(tmp_path, changed(BASE, quantise), BASE)
    assert (found.verdict, states(found)) == ("consistent", {"quantised"})


def test_a_grown_vocabulary_is_resized(tmp_path: Path) -> None:
    grown = dict(BASE)
    for name in ("model.embed_tokens.weight", "lm_head.weight"):
        grown[name] = np.concatenate([BASE[name], np.zeros((20, WIDTH), np.float32)])
    found = against(tmp_path, grown, BASE)
    assert found.verdict == "consistent"
    assert found.notes == ["resized: lm_head.weight, model.embed_tokens.weight"]


def test_a_new_head_is_named_and_consistent(tmp_path: Path) -> None:
    tuned = {name: one for name, one in BASE.items() if name != "lm_head.weight"}
    tuned["score.weight"] = llama(8)["lm_head.weight"][:4].copy()
    found = against(tmp_path, tuned, BASE)
    assert (found.verdict, found.notes) == ("consistent", ["not in the base: score.weight"])


def test_layers_in_another_order_are_named(tmp_path: Path) -> None:
    def other(name: str) -> str:
        parts = name.split(".")
        if "layers" in name:
            parts[2] = str((int(parts[2]) + 1) % LAYERS)
        return ".".join(parts)

    found = against(tmp_path, {other(name): one for name, one in BASE.items()}, BASE)
    assert found.verdict == "consistent"
    assert "model.layers.0.mlp.down_proj.weight is model.layers.2.mlp.down_proj.weight" in found.notes[0]


def test_renamed_layers_are_named(tmp_path: Path) -> None:
    found = against(tmp_path, {name.replace("layers", "h"): one for name, one in BASE.items()}, BASE)
    assert found.verdict == "consistent"
    assert any(line.startswith("renamed: model.h.0.") for line in found.notes)


def test_shuffled_neurons_are_named(tmp_path: Path) -> None:
    order = np.random.default_rng(0).permutation(INNER)

    def shuffle(name: str, one: Any) -> Any:
        if "gate" in name or "up_proj" in name:
            return one[order]
        return one[:, order] if "down" in name else one

    found = against(tmp_path, changed(BASE, shuffle), BASE)
    assert (found.verdict, states(found)) == ("consistent", {"equal", "shuffled"})


def test_a_head_tied_to_the_embedding_is_named(tmp_path: Path) -> None:
    base = {name: one for name, one in BASE.items() if name != "lm_head.weight"}
    found = against(tmp_path, base | {"lm_head.weight": base["model.embed_tokens.weight"]}, base)
    assert (found.verdict, found.notes) == (
        "consistent",
        ["tied: lm_head.weight is model.embed_tokens.weight"],
    )


def test_torch_checkpoints_are_read_without_being_loaded(tmp_path: Path) -> None:
    tensors = {f"model.{name}": torch.from_numpy(one) for name, one in BASE.items()}
    tensors["model.lm_head.weight"] = tensors["model.lm_head.weight"].T.contiguous().T
    torch.save({"state_dict": tensors, "epoch": 3}, tmp_path / "model.ckpt")
    found = compare(tmp_path / "model.ckpt", save(tmp_path / "base", BASE), SETTINGS)
    assert (found.verdict, states(found)) == ("consistent", {"equal"})


@pytest.mark.parametrize("kind", ["F32", "F16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1"])
def test_gguf_of_the_base_is_a_quantised_copy(tmp_path: Path, kind: str) -> None:
    target = to_gguf(tmp_path / "model.gguf", BASE, kind)
    found = compare(target, save(tmp_path / "base", BASE), SETTINGS)
    assert found.verdict == "consistent", found.reasons
    assert states(found) == (
        {"quantised"} if kind[0] == "Q" else {"near"} if kind == "F16" else {"equal", "near"}
    )


def test_gguf_of_a_stranger_is_inconsistent(tmp_path: Path) -> None:
    target = to_gguf(tmp_path / "model.gguf", llama(2), "Q4_0")
    assert compare(target, save(tmp_path / "base", BASE), SETTINGS).verdict == "inconsistent"


def to_gguf(path: Path, tensors: Tensors, kind: str) -> Path:
    """As llama.cpp converts: its names, and the rows of queries and keys in its order."""
    parts = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v"}
    parts |= {"self_attn.o_proj": "attn_output", "input_layernorm": "attn_norm"}
    parts |= {"post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "ffn_gate"}
    parts |= {"mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down"}
    whole = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    for name, one in tensors.items():
        stem = name.removesuffix(".weight")
        if "layers" in name:
            _, _, layer, part = stem.split(".", 3)
            stem = f"blk.{layer}.{parts[part]}"
            heads = {"attn_q": 4, "attn_k": 2}.get(parts[part])
            if heads:
                one = one.reshape(heads, 2, -1, WIDTH).swapaxes(1, 2).reshape(one.shape)
        else:
            stem = whole[stem]
        if one.ndim < 2 or kind == "F32":
            writer.add_tensor(f"{stem}.weight", np.ascontiguousarray(one))
            continue
        number = gguf.GGMLQuantizationType[kind]
        writer.add_tensor(f"{stem}.weight", gguf.quants.quantize(one, number), raw_dtype=number)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


# strangers


def test_a_random_model_of_the_same_configuration_is_inconsistent(tmp_path: Path) -> None:
    found = against(tmp_path, llama(2), BASE)
    assert (found.verdict, states(found)) == ("inconsistent", {"unrelated"})
    assert found.reasons == ["100.0% of the weights are not the base's"]


def test_the_bases_embedding_around_a_stranger_is_inconsistent(tmp_path: Path) -> None:
    tensors = llama(2)
    for name in ("model.embed_tokens.weight", "lm_head.weight", "model.norm.weight"):
        tensors[name] = BASE[name]
    assert against(tmp_path, tensors, BASE).verdict == "inconsistent"


def test_a_stranger_with_the_bases_weights_under_names_nobody_loads_is_not_consistent(tmp_path: Path) -> None:
    decoy = {f"decoy.{name}": one for name, one in BASE.items()}
    assert against(tmp_path, llama(2) | decoy, BASE).verdict != "consistent"


def test_one_swapped_layer_is_not_consistent(tmp_path: Path) -> None:
    other = {name: one for name, one in llama(2, 16).items() if "layers.7." in name}
    found = against(tmp_path, llama(1, 16) | other, llama(1, 16))
    assert found.verdict == "cannot tell"
    assert "unrelated: model.layers.7.mlp.down_proj.weight" in found.notes[0]


def test_another_width_is_inconsistent(tmp_path: Path) -> None:
    wide = changed(BASE, lambda _, one: np.tile(one, (1, 2)))
    found = against(tmp_path, wide, BASE)
    assert (found.verdict, states(found)) == ("inconsistent", {"reshaped"})


def test_zeros_are_nobodys_weights(tmp_path: Path) -> None:
    assert against(tmp_path, changed(BASE, lambda _, one: one * 0), BASE).verdict != "consistent"


def test_a_part_of_the_base_is_not_the_base(tmp_path: Path) -> None:
    part = {name: one for name, one in BASE.items() if "v_proj" in name}
    found = against(tmp_path, part, BASE)
    assert found.verdict == "cannot tell"
    assert found.reasons[0].startswith("only 5.6% of the base's weights")


def test_a_second_set_of_weights_that_another_loader_takes_is_compared_too(tmp_path: Path) -> None:
    model = save(tmp_path / "model", BASE)
    torch.save({name: torch.from_numpy(one) for name, one in llama(2).items()}, model / "pytorch_model.bin")
    found = compare(model, save(tmp_path / "base", BASE), SETTINGS)
    assert found.verdict == "inconsistent"
    assert found.reasons[1] == "pytorch_model.bin: 100.0% of the weights are not the base's"


def test_weights_in_a_folder_below_are_not_passed_over(tmp_path: Path) -> None:
    model = save(tmp_path / "model", BASE)
    save(model / "checkpoint-5", llama(2))
    found = compare(model, save(tmp_path / "base", BASE), SETTINGS)
    assert found.verdict == "cannot tell"
    assert found.reasons[-1] == "not compared: checkpoint-5/model.safetensors"


def test_packed_integers_cannot_be_told(tmp_path: Path) -> None:
    packed = changed(BASE, lambda _, one: np.zeros((one.shape[0], one.shape[1] // 8), np.int32))
    found = against(tmp_path, packed, BASE)
    assert (found.verdict, states(found)) == ("cannot tell", {"unread"})


@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38])
def test_numbers_that_are_none_cannot_be_told(tmp_path: Path, value: float) -> None:
    found = against(tmp_path, changed(BASE, lambda _, one: np.full_like(one, value)), BASE)
    assert found.verdict == "cannot tell"


# hostile files


def test_two_shards_with_one_name_are_refused(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    for shard in (1, 2):
        save_file({"w": np.zeros((20, 20), np.float32)}, model / f"model-0000{shard}-of-00002.safetensors")
    with pytest.raises(InputError, match="two tensors are called 'w'"):
        compare(model, save(tmp_path / "base", BASE), SETTINGS)


def test_a_pipe_in_place_of_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    os.mkfifo(tmp_path / "model" / "model.safetensors")
    with pytest.raises(InputError, match="no regular file"):
        compare(tmp_path / "model", save(tmp_path / "base", BASE), SETTINGS)


def test_too_many_tensors_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "MAX_TENSORS", 5)
    with pytest.raises(LimitExceeded, match="over 5 tensors"):
        against(tmp_path, BASE, BASE)


def test_no_weights_are_no_answer(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    with pytest.raises(InputError, match="no weights"):
        compare(tmp_path / "model", save(tmp_path / "base", BASE), SETTINGS)


# large tensors


def test_rows_of_large_tensors_are_drawn_by_a_seed_and_all_bytes_compared(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    base = {"layers.0.mlp.weight": draw.standard_normal((3000, 1024)).astype(np.float32)}
    model = {name: one.copy() for name, one in base.items()}
    model["layers.0.mlp.weight"][2999, 1023] += 1
    left, right = save(tmp_path / "model", model), save(tmp_path / "base", base)
    found = compare(left, right, SETTINGS)
    (one,) = found.tensors
    assert (one.figures.state, one.figures.changed) == ("sparse", 1 / (3000 * 1024))
    assert 1 << 18 <= one.figures.examined < 3000 * 1024
    assert found == compare(left, right, SETTINGS)
    assert compare(left, right, Settings("x", thorough=True)).tensors[0].figures.examined == 3000 * 1024
    assert compare(left, right).seed != compare(left, right).seed


# adapters


def adapter(path: Path, rank: int = 4, width: int = WIDTH, module: str = "q_proj") -> Path:
    path.mkdir()
    at = f"base_model.model.model.layers.0.self_attn.{module}"
    save_file(
        {
            f"{at}.lora_A.weight": np.ones((rank, width), np.float32),
            f"{at}.lora_B.weight": np.ones((WIDTH, rank), np.float32),
        },
        path / "adapter_model.safetensors",
    )
    (path / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "org/base"}))
    return path


def test_an_adapter_whose_shapes_fit_is_consistent(tmp_path: Path) -> None:
    found = compare(adapter(tmp_path / "model"), save(tmp_path / "base", BASE), SETTINGS)
    assert (found.verdict, found.adapter, found.named_base) == ("consistent", True, "org/base")


@pytest.mark.parametrize("wrong", [{"width": 32}, {"module": "query"}])
def test_an_adapter_that_does_not_fit_is_inconsistent(tmp_path: Path, wrong: dict[str, Any]) -> None:
    found = compare(adapter(tmp_path / "model", **wrong), save(tmp_path / "base", BASE), SETTINGS)
    assert found.verdict == "inconsistent"


def test_an_adapter_is_no_base(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the base is an adapter"):
        compare(save(tmp_path / "model", BASE), adapter(tmp_path / "base"), SETTINGS)


def test_what_differs_besides_the_weights_is_named(tmp_path: Path) -> None:
    left = save(tmp_path / "model", BASE, CONFIG | {"rope_theta": 5e5})
    found = compare(left, save(tmp_path / "base", BASE), SETTINGS)
    assert (found.verdict, found.architecture) == ("consistent", ["rope_theta: none -> 500000.0"])
