"""The record of a step as SLSA Provenance v1: one statement per output.

Source: https://slsa.dev/spec/v1.1/provenance
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from modelward import __version__
from modelward.attest.predicates import Provenance, ResourceDescriptor
from modelward.attest.predicates.slsa import (
    STEP_BUILD_TYPE,
    BuildDefinition,
    Builder,
    BuildMetadata,
    RunDetails,
)
from modelward.attest.statement import Statement
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.pipeline.evidence import Accounted

#: `runDetails.builder.id`: a person's own machine, nothing enforced.
BUILDER = "https://modelward.dev/builder/local/v1"

#: What a run without a sandbox may claim: digests are observed, the rest is the signer's word.
UNCONFINED = {"grade": "declared", "digests": "observed", "sandbox": "none"}


@dataclass(frozen=True, slots=True)
class Record:
    """All that is known of one run. `observed` is what was seen of interpreter, packages and machine."""

    step: str
    command: Sequence[str]
    inputs: Sequence[Accounted]
    code: Mapping[Path, Digest]
    tools: Sequence[ResourceDescriptor]
    observed: Mapping[str, Any]
    outputs: Mapping[str, Path]
    invocation: uuid.UUID
    started: datetime
    finished: datetime

    def statements(self, products: Mapping[str, Digest]) -> tuple[Statement, ...]:
        """One statement per output, by name in `products`; in each, the others are byproducts."""
        definition = self._definition()
        descriptors = {
            name: ResourceDescriptor(
                name=f"output/{name}", uri=quote(shown(self.outputs[name])), digest=digest.as_set()
            )
            for name, digest in products.items()
        }
        return tuple(
            Statement.of(
                self.outputs[name].resolve().name,
                digest,
                Provenance(
                    build_definition=definition,
                    run_details=RunDetails(
                        builder=Builder(id=BUILDER, version={"modelward": __version__}),
                        metadata=BuildMetadata(
                            invocation_id=self.invocation.urn,
                            started_on=instant.render(self.started),
                            finished_on=instant.render(self.finished),
                        ),
                        byproducts=tuple(d for other, d in descriptors.items() if other != name),
                    ),
                ),
            )
            for name, digest in products.items()
        )

    def _definition(self) -> BuildDefinition:
        return BuildDefinition(
            build_type=STEP_BUILD_TYPE,
            external_parameters={
                "step": self.step,
                "command": list(self.command),
                "inputs": {item.name: shown(item.path) for item in self.inputs},
                "outputs": {name: shown(path) for name, path in self.outputs.items()},
            },
            internal_parameters={**UNCONFINED, **self.observed},
            resolved_dependencies=(
                *(_input(item) for item in self.inputs),
                *(_code(path, digest) for path, digest in self.code.items()),
                *self.tools,
            ),
        )


def shown(path: Path) -> str:
    """The path as seen from the working directory; of one outside, only its name: paths tell on machines."""
    absolute = path.resolve()
    here = Path.cwd().resolve()
    return absolute.relative_to(here).as_posix() if absolute.is_relative_to(here) else absolute.name


def _input(item: Accounted) -> ResourceDescriptor:
    return ResourceDescriptor(
        name=f"input/{item.name}",
        uri=quote(shown(item.path)),
        digest=item.digest.as_set(),
        annotations={"origin": item.origin, "statements": sorted(str(s.id) for s in item.statements)},
    )


def _code(path: Path, digest: Digest) -> ResourceDescriptor:
    return ResourceDescriptor(name=f"code/{shown(path)}", uri=quote(shown(path)), digest=digest.as_set())
