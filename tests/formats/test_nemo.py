from __future__ import annotations

import gzip
import io
import tarfile
from typing import Any

import pytest
from tests.formats.assemble import SHELL, checkpoint, tensor
from tests.scan.examine import examine

from modelward.core.finding import Verdict
from modelward.formats.nemo import findings

CONFIG = """
target: nemo.collections.asr.models.EncDecCTCModel
nemo_version: 2.1.0
tokenizer:
  dir: null
  model_path: nemo:0a1b_tokenizer.model
encoder:
  _target_: nemo.collections.asr.modules.ConformerEncoder
  feat_in: 80
"""
WEIGHTS = checkpoint(tensor(), storages={"0": bytes(16)}).bytes()


def nemo(config: str = CONFIG, weights: bytes = WEIGHTS, *, packed: bool = False) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for name, data in {"./model_config.yaml": config.encode(), "./model_weights.ckpt": weights}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return gzip.compress(held.getvalue()) if packed else held.getvalue()


@pytest.mark.parametrize("packed", [False, True])
def test_model_as_nemo_saves_it(packed: bool) -> None:
    assert examine(nemo(packed=packed), "model.nemo").verdict is Verdict.CLEAN


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("config", "weights"),
    [
        (CONFIG, checkpoint(SHELL).bytes()),
        (CONFIG.replace("nemo:0a1b", "nemo:../../etc/0a1b"), WEIGHTS),
        (CONFIG.replace("nemo.collections.asr.modules.ConformerEncoder", "os.system"), WEIGHTS),
        (CONFIG.replace("nemo.collections.asr.models.EncDecCTCModel", "subprocess.Popen"), WEIGHTS),
    ],
    ids=["weights", "path", "_target_", "target"],
)
def test_malicious_model(config: str, weights: bytes, packed: bool) -> None:
    assert examine(nemo(config, weights, packed=packed), "model.nemo").verdict is Verdict.MALICIOUS


def test_class_of_a_library_that_is_not_known() -> None:
    (found,) = findings({"target": "somebody.models.Net"})
    assert found.harm is None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "document", [3, [], {"target": 3}, {"target": "accuracy"}, {"a": ["nemo:tokenizer.model"]}]
)
def test_near_miss(document: Any) -> None:
    assert list(findings(document)) == []
