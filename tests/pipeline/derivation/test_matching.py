"""Counterparts by name."""

from __future__ import annotations

import pytest

from modelward.pipeline.derivation.matching import by_name, group, plain_name
from modelward.pipeline.derivation.weights import Entry


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("model.layers.3.mlp.up_proj.weight", "layers.3.mlp.up_proj.weight"),
        ("module._orig_mod.model.norm.weight", "norm.weight"),
        ("blk.3.ffn_up.weight", "layers.3.mlp.up_proj.weight"),
        ("output.weight", "lm_head.weight"),
        ("transformer.h.0.attn.c_attn.weight", "h.0.attn.c_attn.weight"),
    ],
)
def test_wrappers_are_no_part_of_a_name(name: str, plain: str) -> None:
    assert plain_name(name) == plain


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("lm_head.weight", "head"),
        ("model.embed_tokens.weight", "embedding"),
        ("transformer.wte.weight", "embedding"),
        ("model.layers.0.self_attn.o_proj.weight", "attention"),
        ("model.layers.0.post_attention_layernorm.weight", "norm"),
        ("bert.encoder.layer.0.attention.output.dense.weight", "attention"),
        ("model.layers.0.mlp.gate_proj.weight", "mlp"),
        ("conv1.weight", "other"),
    ],
)
def test_parts_are_told_by_name(name: str, part: str) -> None:
    assert group(name) == part


def test_names_that_could_be_two_are_matched_by_none() -> None:
    entries = {name: Entry(name, "F32", (2, 2)) for name in ("model.a", "module.a")}
    assert by_name({"a": Entry("a", "F32", (2, 2))}, entries) == {}
    assert by_name(entries, entries) == {name: name for name in entries}
