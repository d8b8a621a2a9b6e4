from __future__ import annotations

from typing import Any

from modelward.formats.config import CodeReference
from modelward.formats.facts import EmbeddedCode, PathEscape
from modelward.formats.mlmodel import findings, is_mlmodel


def facts(**flavor: Any) -> list[type]:
    return [type(fact) for fact in findings({"flavors": {"python_function": flavor, "other": None}})]


def test_loaders() -> None:
    assert facts(loader_module="mlflow.sklearn", model_path="model.pkl") == []
    assert facts(loader_module="evil_loader", code="code") == [CodeReference]
    assert facts(loader_module="os") == [EmbeddedCode]
    assert facts(loader_module="mlflow.pyfunc.model", model_code_path="model.py") == [CodeReference]


def test_paths_that_leave_the_model() -> None:
    assert facts(loader_module="mlflow.sklearn", model_path="../../etc/x") == [PathEscape]
    assert facts(loader_module="mlflow.sklearn", data="/etc/passwd") == [PathEscape]


def test_what_is_an_mlmodel() -> None:
    assert is_mlmodel({"flavors": {}})
    assert not is_mlmodel({"flavors": ["vanilla"]})
