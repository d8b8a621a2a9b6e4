"""A model with its whole story, told by real statements: data, training, evaluation, scan, version."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.attest.simulator import NOW
from tests.pipeline.ledger import Ledger

from modelward.artifact.hashing import digest_of, hash_tree
from modelward.artifact.manifest import Manifest
from modelward.attest import predicates as p
from modelward.attest.predicates.slsa import (
    STEP_BUILD_TYPE,
    BuildDefinition,
    Builder,
    BuildMetadata,
    RunDetails,
)
from modelward.attest.statement import Statement
from modelward.bom.build import review_bom
from modelward.bom.model import Bom
from modelward.core import instant
from modelward.core.digest import Digest

CARD = """
[model]
licence = "apache-2.0"
inputs = ["text"]
outputs = ["probability of fraud"]
references = ["https://github.com/acme/fraud"]

[system]
name = "claims desk"
intended_use = "triage of claims"

[[datasets]]
name = "spam"
sensitivity = "no personal data"
"""


def safetensors(tensors: dict[str, tuple[str, list[int]]]) -> bytes:
    """A file whose header names these tensors (type, shape), with no data behind it."""
    header = {
        name: {"dtype": kind, "shape": shape, "data_offsets": [0, 0]}
        for name, (kind, shape) in tensors.items()
    }
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text


@dataclass
class Story:
    """One model directory and what was said about it. Tests take statements away or add some."""

    place: Path
    ledger: Ledger
    extra: list[Any] = field(default_factory=list)

    @property
    def model(self) -> Path:
        return self.place / "fraud-scorer"

    @property
    def artifact(self) -> Digest:
        return digest_of(self.model)

    @property
    def manifest(self) -> Manifest:
        return Manifest.parse(hash_tree(self.model).to_bytes())

    def read(self, name: str) -> bytes | None:
        path = self.model / name
        return path.read_bytes() if path.is_file() else None

    def bom(self, statements: Sequence[Any] | None = None, **options: Any) -> Bom:
        said = self.ledger.said if statements is None else statements
        return review_bom("fraud-scorer", 7, self.manifest, said, self.read, **options)

    def without(self, kind: Any) -> list[Any]:
        return [v for v in self.ledger.said if v.statement.predicate_type != kind.TYPE]

    def say(self, who: str, predicate: p.AnyPredicate, subject: Digest | None = None) -> Any:
        return self.ledger.say(who, Statement.of("fraud-scorer", subject or self.artifact, predicate))

    def trained(self, inputs: dict[str, Digest], subject: Digest | None = None, **details: Any) -> Any:
        return self.say("tom", provenance(inputs, **details), subject)

    def evaluated(self, data: Path, metrics: dict[str, float], **fields: Any) -> Any:
        digest = str(Digest.sha256(b"harness"))
        return self.say(
            "eve",
            p.Evaluation(
                harness=p.Named(name="harness.py", digest=digest),
                data=p.Named(name=data.name, digest=str(digest_of(data))),
                report=digest,
                metrics=metrics,
                evaluated_at=instant.render(NOW),
                **fields,
            ),
        )


def provenance(inputs: dict[str, Digest], **internal: Any) -> p.Provenance:
    """What `modelward run` records, small."""
    materials = [p.ResourceDescriptor(name=f"input/{name}", digest=d.as_set()) for name, d in inputs.items()]
    materials.append(p.ResourceDescriptor(name="code/train.py", digest=Digest.sha256(b"code").as_set()))
    materials.append(
        p.ResourceDescriptor(name="source", digest={"gitCommit": "ab" * 20}, annotations={"dirty": False})
    )
    return p.Provenance(
        build_definition=BuildDefinition(
            build_type=STEP_BUILD_TYPE,
            external_parameters={"step": "train", "command": ["python", "train.py", "a b"]},
            internal_parameters={
                "grade": "declared",
                "sandbox": "none",
                "interpreter": {"name": "cpython", "version": "3.11.9"},
                "packages": {"numpy": "2.1.0", "torch": "2.13.0"},
                "packagesDigest": str(Digest.sha256(b"packages")),
                "hardware": {"machine": "x86_64", "processors": 2, "accelerators": ["NVIDIA H100"] * 2},
            }
            | internal,
            resolved_dependencies=tuple(materials),
        ),
        run_details=RunDetails(
            builder=Builder(id="https://modelward.dev/builder/local/v1"),
            metadata=BuildMetadata(
                invocation_id="urn:uuid:00000000-0000-4000-8000-000000000000",
                started_on="2026-11-22T09:00:00Z",
                finished_on="2026-11-22T09:10:00Z",
            ),
        ),
    )


@pytest.fixture
def bare(tmp_path: Path) -> Story:
    """The files alone."""
    model = tmp_path / "fraud-scorer"
    model.mkdir()
    (model / "model.safetensors").write_bytes(safetensors({"w": ("F32", [4, 8]), "b": ("F16", [8])}))
    (model / "config.json").write_text(
        json.dumps({"architectures": ["TinyNet"], "model_type": "tiny", "num_hidden_layers": 2})
    )
    (model / "model-card.toml").write_text(CARD)
    (model / "README.md").write_text("---\nlicense: apache-2.0\ntags: [x]\n---\n# Fraud\n\nScores claims.\n")
    return Story(tmp_path, Ledger())


@pytest.fixture
def story(bare: Story) -> Story:
    """The files and everything that a whole pipeline says."""
    train, test = bare.place / "train.csv", bare.place / "test.csv"
    train.write_text("text,label\nhello,0\n")
    test.write_text("text,label\nother,0\n")
    bare.ledger.data(train, "spam")
    bare.ledger.data(test, "spam-test")
    bare.trained({"data": digest_of(train)})
    bare.evaluated(test, {"f1": 0.93, "accuracy": 0.97})
    bare.say("ci-scan", bare.ledger.registry.example(p.Scan, "ci-scan")[0])
    bare.say("alice", bare.ledger.registry.version(description="Scores insurance claims"))
    return bare


@pytest.fixture
def reading() -> Callable[[dict[str, bytes]], Callable[[str], bytes | None]]:
    """A reader over files in memory."""
    return lambda files: files.get
