"""A town to each test, and one for all tests that only look."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save
from tests.registry.town import Town

import modelward

TENSORS = {"a": np.arange(300_000, dtype="f4"), "b": np.eye(3, dtype="f8"), "c": np.arange(5)}


@dataclass(frozen=True)
class Host:
    """A serving host: its copy of a released model, the release bundle and the pin."""

    town: Town
    path: Path

    @property
    def release(self) -> dict[str, Any]:
        """What names the release."""
        return {"bundle": self.town.bundle(), "root": self.town.pin}

    def load(self, **changes: Any) -> modelward.LoadedModel[Any]:
        """Load the copy."""
        return modelward.load(self.path, "fraud:production", **(self.release | changes))


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def released(town: Town, **files: bytes) -> Path:
    """Release a model of these files."""
    path = town.model(**files)
    town.push(path)
    town.approve()
    assert town.promote().stage_index is not None
    return path


@pytest.fixture(scope="session")
def model_files() -> dict[str, bytes]:
    """Two shards and a configuration."""
    return {
        "one.safetensors": save({"a": TENSORS["a"]}),
        "two.safetensors": save({"b": TENSORS["b"], "c": TENSORS["c"]}),
        "config.json": b"{}",
    }


@pytest.fixture(scope="session")
def shared_town(tmp_path_factory: pytest.TempPathFactory, model_files: dict[str, bytes]) -> Town:
    """A town with a released model. Look at it, do not change it."""
    town = Town(tmp_path_factory.mktemp("town"))
    released(town, **model_files)
    return town


@pytest.fixture
def host(shared_town: Town, tmp_path: Path) -> Host:
    """A host with its own copy of the model."""
    path = tmp_path / "served"
    shutil.copytree(shared_town.place / "model", path)
    return Host(shared_town, path)


@pytest.fixture
def host_of(tmp_path: Path) -> Callable[..., Host]:
    """A host of a model of other files (a slow one: it makes a registry)."""

    def make(**files: bytes) -> Host:
        town = Town(tmp_path)
        return Host(town, released(town, **files))

    return make
