"""The record of a step as SLSA Provenance v1: one statement per output.

Source: https://slsa.dev/spec/v1.1/provenance
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from modelward import __version__
from modelward.attest.predicates import Failure, Provenance, ResourceDescriptor
from modelward.attest.predicates.slsa import (
    STEP_BUILD_TYPE,
    BuildDefinition,
    Builder,
    BuildMetadata,
    RunDetails,
)
from modelward.attest.statement import Statement
from modelward.core import instant, strict_json
from modelward.core.digest import Digest
from modelward.pipeline.evidence import Accounted
from modelward.pipeline.plan import Plan
from modelward.pipeline.sandbox.job import Outcome

#: `runDetails.builder.id`: a person's own machine, nothing enforced.
BUILDER = "https://modelward.dev/builder/local/v1"

_SIGNALLED = 128
_MAX_REFUSED = 100


@dataclass(frozen=True, slots=True)
class Record:
    """All that is known of one run.

    `materials` are what it used besides inputs and code; `internal` is what was seen of interpreter, packages
    and machine, and how the command was confined.
    """

    plan: Plan
    materials: Sequence[ResourceDescriptor]
    internal: Mapping[str, Any]
    started: datetime
    finished: datetime

    def statements(self, products: Mapping[str, Digest]) -> tuple[Statement, ...]:
        """One statement per output, by name in `products`; in each, the others are byproducts."""
        definition = self._definition()
        descriptors = {
            name: ResourceDescriptor(
                name=f"output/{name}", uri=quote(shown(self.plan.outputs[name])), digest=digest.as_set()
            )
            for name, digest in products.items()
        }
        return tuple(
            Statement.of(
                self.plan.outputs[name].resolve().name,
                digest,
                Provenance(
                    build_definition=definition,
                    run_details=RunDetails(
                        builder=Builder(id=BUILDER, version={"modelward": __version__}),
                        metadata=BuildMetadata(
                            invocation_id=self.plan.invocation.urn,
                            started_on=instant.render(self.started),
                            finished_on=instant.render(self.finished),
                        ),
                        byproducts=tuple(d for other, d in descriptors.items() if other != name),
                    ),
                ),
            )
            for name, digest in products.items()
        )

    def failure(self, outcome: Outcome) -> Statement:
        """The statement about a run whose command did not end well; it has no outputs."""
        definition = self._definition()
        killed = outcome.exit_code > _SIGNALLED
        failure = Failure(
            step=self.plan.step,
            build_definition=definition,
            invocation_id=self.plan.invocation.urn,
            reason="time-limit" if outcome.timed_out else "signal" if killed else "exit-code",
            exit_code=outcome.exit_code,
            refused=tuple(shown(Path(path)) for path in refused(outcome)[:_MAX_REFUSED]),
            started_at=instant.render(self.started),
            finished_at=instant.render(self.finished),
        )
        attempted = strict_json.dumps(msgspec.to_builtins(definition))
        return Statement.of(self.plan.step, Digest.sha256(attempted), failure)

    def _definition(self) -> BuildDefinition:
        plan = self.plan
        return BuildDefinition(
            build_type=STEP_BUILD_TYPE,
            external_parameters={
                "step": plan.step,
                "command": list(plan.command),
                "inputs": {item.name: shown(item.path) for item in plan.inputs},
                "outputs": {name: shown(path) for name, path in plan.outputs.items()},
            },
            internal_parameters={
                "digests": "observed",
                **({"parameters": plan.parameters} if plan.parameters else {}),
                **({"seeds": plan.seeds} if plan.seeds else {}),
                **self.internal,
            },
            resolved_dependencies=(
                *(_input(item) for item in plan.inputs),
                *(_code(path, digest) for path, digest in plan.code.items()),
                *self.materials,
            ),
        )


def refused(outcome: Outcome) -> list[str]:
    """Paths that exist, were not declared, and were asked for. The last asked for come first."""
    seen = outcome.observation
    return list(reversed(seen.refused)) if seen else []


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
