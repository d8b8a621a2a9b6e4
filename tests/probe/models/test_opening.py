"""What a path names is opened as what it is, or it is said why not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from modelward.core.errors import InputError, UsageError
from modelward.probe.models.chat import ChatEndpoint
from modelward.probe.models.model import Settings
from modelward.probe.models.opening import digest_of, open_model


def test_addresses_are_endpoints() -> None:
    model = open_model("https://models.example/v1", Settings(), model_name="m")
    assert isinstance(model, ChatEndpoint)
    assert model.name == "https://models.example/v1/chat/completions#m"
    assert digest_of("https://models.example/v1") == ""


def test_a_directory_is_named_by_its_digest(trained: Callable[[str], Path]) -> None:
    place = str(trained("classifier-base"))
    assert open_model(place, Settings()).digest == digest_of(place)


def test_what_is_not_there_and_what_cannot_be_asked_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        open_model(str(tmp_path / "none"), Settings())
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    with pytest.raises(UsageError, match=r"only .onnx"):
        open_model(str(tmp_path / "model.gguf"), Settings())


def test_an_adapter_needs_its_base(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match="this is an adapter"):
        open_model(str(tmp_path), Settings())
