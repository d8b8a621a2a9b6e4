from __future__ import annotations

import pytest

from modelward.formats.targets import is_indirect, judge


@pytest.mark.parametrize(
    "name",
    [
        "os.system",
        "builtins.exec",
        "exec",
        "subprocess.Popen",
        "os:system",
        "torch.load",
        "importlib.import_module",
    ],
)
def test_sinks(name: str) -> None:
    assert judge(name).harm is not None


@pytest.mark.parametrize(
    "name",
    ["torch.nn.Linear", "nemo.collections.asr.models.EncDecCTCModel", "os.path.join", "functools.partial",
     "uvicorn.logging.DefaultFormatter"],
)  # fmt: skip
def test_known(name: str) -> None:
    assert judge(name).known
    assert judge(name).harm is None


@pytest.mark.parametrize(
    "name", ["evil.Payload", "nemo.core.import_class_by_path", "pandas.read_csv", "src.models.Net"]
)
def test_neither(name: str) -> None:
    assert not judge(name).known
    assert judge(name).harm is None


def test_indirection() -> None:
    assert is_indirect("hydra.utils.get_method")
    assert not is_indirect("hydra.utils.to_absolute_path")


@pytest.mark.parametrize(
    "name",
    ["os.path.os.system", "torch.subprocess.check_output", "sklearn.os.kill", "uvicorn.logging.sys.exit"],
)
def test_a_module_reached_through_another(name: str) -> None:
    assert judge(name).harm is not None
