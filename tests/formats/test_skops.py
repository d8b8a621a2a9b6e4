from __future__ import annotations

import json
from typing import Any

import numpy
import pytest
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from tests.formats.assemble import Zip
from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict
from modelward.formats.skops import findings, looks_like


def node(loader: str, module: str, name: str, content: Any = None) -> dict[str, Any]:
    return {"__class__": name, "__module__": module, "__loader__": loader, "content": content}


OWNER = node("ObjectNode", "sklearn.linear_model", "Ridge")


def inside(part: dict[str, Any]) -> dict[str, Any]:
    """A model with this node in it."""
    content = node("DictNode", "builtins", "dict", {"a": part})
    return node("ObjectNode", "sklearn.pipeline", "Pipeline", content) | {"protocol": 2}


def harms(part: dict[str, Any]) -> list[str | None]:
    return [fact.harm for fact in findings(inside(part))]


@pytest.mark.parametrize(
    "part",
    [
        node("ObjectNode", "posix", "system"),
        node("FunctionNode", "os", "system"),
        node("TypeNode", "builtins", "eval"),
        node("ConstructorFromReduceNode", "subprocess", "Popen", node("TupleNode", "builtins", "tuple", [])),
        node("FunctionNode", "numpy", "load"),
        node("PartialNode", "functools", "partial", {"func": node("FunctionNode", "os", "system")}),
    ],
    ids=str,
)
def test_sinks_are_harmful_wherever_they_are_named(part: dict[str, Any]) -> None:
    assert [harm for harm in harms(part) if harm]


def test_operator_of_another_module_cve_2025_54412() -> None:
    (harm,) = harms(node("OperatorFuncNode", "builtins", "eval", node("TupleNode", "builtins", "tuple", [])))
    assert harm == "calls any function under the name of an operator"


@pytest.mark.parametrize("method", ["__globals__", "__class__", "__init_subclass__"])
def test_attributes_by_method_nodes_cve_2025_54413(method: str) -> None:
    (harm,) = harms(node("MethodNode", "sklearn.linear_model", "Ridge", {"func": method, "obj": OWNER}))
    assert harm == "reaches into the interpreter"


def test_method_of_another_class_than_its_owners_cve_2025_54413() -> None:
    (harm,) = harms(node("MethodNode", "builtins", "str", {"func": "format", "obj": OWNER}))
    assert harm == "says that it belongs to another class than it does"


@pytest.mark.parametrize(
    "part",
    [
        node("ObjectNode", "somebody.models", "Model"),
        node("ConstructorFromReduceNode", "sklearn.utils.extmath", "safe_sparse_dot"),
        node(
            "RandomGeneratorNode", "numpy.random", "Generator", {"bit_generator": {"bit_generator": "seed"}}
        ),
        node("TypeNode", "builtins", "breakpoint_"),
    ],
    ids=str,
)
def test_what_is_on_no_list_is_unverified(part: dict[str, Any]) -> None:
    assert harms(part) == [None]


@pytest.mark.parametrize(
    "part",
    [
        node("OperatorFuncNode", "operator", "itemgetter", node("TupleNode", "builtins", "tuple", [])),
        node("FunctionNode", "numpy", "log1p"),
        node("FunctionNode", "scipy.special", "expit"),
        node("MethodNode", "sklearn.linear_model", "Ridge", {"func": "predict", "obj": OWNER}),
        node("JsonNode", "builtins", "str", '"os.system"'),
    ],
    ids=str,
)
def test_ordinary_nodes_are_clean(part: dict[str, Any]) -> None:
    assert harms(part) == []


def test_only_schemas_look_like_one() -> None:
    assert looks_like(OWNER)
    assert not looks_like({"__class__": "x"})
    assert not looks_like([])


def test_schema_within_an_archive_in_any_encoding() -> None:
    schema = json.dumps(inside(node("FunctionNode", "os", "system")))
    for data in (schema.encode(), b"\xef\xbb\xbf" + schema.encode(), schema.encode("utf-16")):
        assert examine(Zip().add("schema.json", data).bytes(), "m.skops").verdict is Verdict.MALICIOUS


def models() -> list[Any]:
    numbers = numpy.random.default_rng(0)
    features, labels = numbers.random((30, 4)), numpy.arange(30) % 2
    fitted = [
        RandomForestClassifier(2),
        GradientBoostingClassifier(n_estimators=2),
        GridSearchCV(
            make_pipeline(StandardScaler(), LogisticRegression()), {"logisticregression__C": [0.1, 1]}
        ),
        KNeighborsClassifier(),
        make_pipeline(FunctionTransformer(numpy.log1p), LogisticRegression()),
    ]
    for model in fitted:
        model.fit(features, labels)
    return [*fitted, TfidfVectorizer().fit(["one two", "three"])]


@pytest.mark.filterwarnings("ignore")
def test_models_of_the_library_itself_are_clean() -> None:
    for model in models():
        data = skops.io.dumps(model)
        assert rules(data, "m.skops") == []
        assert unexamined(data, "m.skops") == {}


FIELDS = ["__class__", "__module__", "__loader__", "content", "func", "obj", "function", "bit_generator"]
WORDS = ["MethodNode", "FunctionNode", "OperatorFuncNode", "RandomGeneratorNode", "os", "system"]


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.sampled_from(WORDS) | st.integers(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner),
        max_leaves=15,
    )
)
def test_any_document_gives_facts_and_nothing_else(document: Any) -> None:
    looks_like(document)
    assert all(fact.what for fact in findings(document))
