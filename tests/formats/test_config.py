from __future__ import annotations

from typing import Any

import pytest

from modelward.formats.config import CodeReference, Unread, findings


def found(document: Any) -> list[tuple[type, str]]:
    return [(type(one), one.pointer) for one in findings(document)]


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"auto_map": {"AutoModel": "modeling.Evil"}}, "/auto_map"),
        ({"a": [{"auto_map": {"AutoModel": "other/repo--modeling.Evil"}}]}, "/a/0/auto_map"),
        ({"custom_pipelines": {"x": {"impl": "evil.Pipe"}}}, "/custom_pipelines"),
        ({"trust_remote_code": True}, "/trust_remote_code"),
        ({"model": {"_target_": "os.system"}}, "/model/_target_"),
        ({"py/reduce": []} | {"py/object": "os.system"}, "/py/object"),
        ({"auto_mapping": {"base_model_class": "X", "parent_library": "evil"}}, "/auto_mapping"),
        ([{"idx": 0, "name": "0", "path": "", "type": "evil.Module"}], "/0/type"),
        ({"_class_name": "X", "_diffusers_version": "0.1", "unet": ["evil", "UNet"]}, "/unet"),
        ({"_class_name": ["pipeline", "X"], "_diffusers_version": "0.1"}, "/_class_name"),
    ],
)
def test_fields_that_name_code(document: Any, pointer: str) -> None:
    assert found(document) == [(CodeReference, pointer)]


@pytest.mark.parametrize(
    "document",
    [
        {"architectures": ["LlamaForCausalLM"], "auto_map": {}, "trust_remote_code": False},
        {"auto_mapping": {"base_model_class": "X", "parent_library": "transformers.models.llama"}},
        {"module": "keras.layers", "class_name": "Dense"},
        [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}],
        {
            "_class_name": "X",
            "_diffusers_version": "0.1",
            "unet": ["diffusers", "UNet"],
            "safety": [None, None],
        },
        {"vocab": {"auto": 1, "map": 2, "__import__('os')": 3}},
        ["http://evil.example", "eval(", "os.system"],
        None,
    ],
)
def test_plain_data_and_words_that_look_bad_are_nothing(document: Any) -> None:
    if isinstance(document, dict) and document.get("safety"):
        document = {key: value for key, value in document.items() if key != "safety"}
    assert found(document) == []


def test_programs_that_are_not_read_are_named() -> None:
    assert found({"chat_template": "{{ x }}"}) == [(Unread, "/chat_template")]
    assert found({"nbformat": 4, "cells": []}) == [(Unread, "")]


def test_several_chat_templates() -> None:
    templates = [{"name": "default", "template": "{{ x }}"}]
    assert (Unread, "/chat_template") in found({"chat_template": templates})


def test_deep_documents_do_not_exhaust_the_stack() -> None:
    document: Any = {"auto_map": {"a": "b"}}
    for _ in range(50_000):
        document = [document]
    assert len(found(document)) == 1
