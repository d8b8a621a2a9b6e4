"""What verified statements tell: the chain of steps behind an artifact, its datasets, bases and measures.

Only statements that are reached from the artifact count, so that no bystander changes the BOM. Approvals,
waivers, decisions, stages and status statements are left out: they come after the BOM they are about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from modelward.attest.predicates import (
    Evaluation,
    Provenance,
    Scan,
    Version,
)
from modelward.attest.predicates.base import ResourceDescriptor
from modelward.attest.verify import VerifiedStatement
from modelward.bom import software
from modelward.bom.dataset import dataset_facts
from modelward.bom.evidence import Evidence
from modelward.bom.model import Component, Fact, Grade, Kind, Step
from modelward.core.digest import Digest

TRAINING, EVALUATION, BASE = "training", "evaluation", "base"
MODEL_REF = "model"


@dataclass(slots=True)
class Told:
    """What the statements tell: facts about the model, other components by digest, steps, dependencies."""

    facts: list[Fact] = field(default_factory=list)
    components: dict[str, Component] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    depends: dict[str, list[str]] = field(default_factory=dict)
    times: list[str] = field(default_factory=list)


def tell(artifact: Digest, statements: Sequence[VerifiedStatement], model: str, number: int) -> Told:
    """Walk from `artifact`, version `number` of `model`, through all it was made from and measured with."""
    walk = _Walk(Evidence(statements))
    walk.lineage(artifact)
    walk.version(artifact, model, number)
    walk.measures(artifact)
    return walk.told


class _Walk:
    """One walk over the evidence, nearest first."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.told = Told()

    def version(self, artifact: Digest, model: str, number: int) -> None:
        """Name, version, author and signature of the artifact itself."""
        for verified, version in self.evidence.about(artifact, Version):
            if (version.model, version.version) != (model, number):
                continue  # the same bytes under another name
            source = str(verified.id)
            self.told.times.append(version.created_at)
            self._facts(
                source,
                Grade.ATTESTED,
                {
                    "MD-01": {"author": version.author},
                    "MDL-01": {"name": version.model},
                    "MDL-02": {"purl": package_url(version.model, version.version, artifact)},
                    "MDL-03": {"version": str(version.version), "registry": version.registry},
                    "SP-07": {
                        "statement": source,
                        "key": verified.public_key.id,
                        "algorithm": verified.public_key.algorithm,
                        "by": verified.principal.name,
                    },
                },
            )
            facts: dict[str, dict[str, Any]] = {
                "MDL-04": {"time": version.created_at, "what": "registered"},
                "MDL-05": {"producer": version.author},
            }
            if version.description:
                facts["MDL-06"] = {"description": version.description}
            # Of a model that was there before its registry, only its bytes and its name here are certain.
            pushed = version.origin == "pushed"
            self._facts(source, Grade.ATTESTED if pushed else Grade.DECLARED, facts)

    def lineage(self, artifact: Digest) -> None:
        """Every step behind the artifact, and what went into each."""
        frontier = [(artifact, MODEL_REF, TRAINING)]
        seen: set[Digest] = set()
        while frontier:
            subject, ref, role = frontier.pop(0)
            if subject in seen:
                continue
            seen.add(subject)
            for verified, provenance in self.evidence.about(subject, Provenance):
                made_from = []
                for material in inputs_of(provenance):
                    component = self._input(material, role)
                    made_from.append(component.ref)
                    self._link(ref, component.ref)
                    below = BASE if component.kind is Kind.BASE else role
                    frontier.append((_digest(material), component.ref, below))
                self._step(verified, provenance, ref, tuple(made_from))
                if subject == artifact:
                    self._made_by(verified, provenance)

    def measures(self, artifact: Digest) -> None:
        """Evaluations and scans of the artifact: all that stand, not the best."""
        for verified, evaluation in self.evidence.about(artifact, Evaluation):
            digest = Digest.parse(evaluation.data.digest)
            self._add(self._dataset(digest, evaluation.data.name, EVALUATION))
            self._link(MODEL_REF, _ref(Kind.DATASET, digest))
            self.told.times.append(evaluation.evaluated_at)
            measured = {
                "metrics": dict(evaluation.metrics),
                "data": _ref(Kind.DATASET, digest),
                "harness": {"name": evaluation.harness.name, "digest": evaluation.harness.digest},
                "report": evaluation.report,
                "by": verified.principal.name,
                "at": evaluation.evaluated_at,
            }
            self._facts(str(verified.id), Grade.ATTESTED, {"KPI-02": measured})
        for verified, scan in self.evidence.about(artifact, Scan):
            self.told.times.append(scan.scanned_at)
            said = {
                "scanner": scan.scanner.name,
                "version": scan.scanner.version,
                "ruleset": scan.scanner.ruleset,
                "verdict": scan.verdict,
                "files": scan.files,
                "examined": scan.examined,
                "findings": len(scan.findings),
                "by": verified.principal.name,
                "at": scan.scanned_at,
            }
            self._facts(str(verified.id), Grade.ATTESTED, {"SP-05": said})

    def _made_by(self, verified: VerifiedStatement, provenance: Provenance) -> None:
        """What the step that made the artifact says of it."""
        definition, details = provenance.build_definition, provenance.run_details
        source = str(verified.id)
        training: dict[str, Any] = {
            "step": _text(definition.external_parameters.get("step")),
            "command": list(_command(provenance)),
            "code": [d.name for d in definition.resolved_dependencies if d.name.startswith("code/")],
            "grade": _text(definition.internal_parameters.get("grade")) or Grade.DECLARED.value,
            "sandbox": _text(definition.internal_parameters.get("sandbox")) or "none",
        }
        for revision in definition.resolved_dependencies:
            if "gitCommit" in revision.digest:
                training["commit"] = revision.digest["gitCommit"]
                training["dirty"] = bool(revision.annotations.get("dirty", True))
        facts: dict[str, dict[str, Any]] = {
            "MDL-11": training,
            "SP-08": {"statement": source, "builder": details.builder.id, "by": verified.principal.name},
        }
        if details.metadata.finished_on:
            facts["MDL-04"] = {"time": details.metadata.finished_on, "what": "made"}
        self._facts(source, Grade.ATTESTED, facts)
        for found in software.of_step(definition.internal_parameters, source):
            self._add(found)
            self._link(MODEL_REF, found.ref)
        self.told.facts += software.facts(definition.internal_parameters, source)

    def _step(
        self, verified: VerifiedStatement, provenance: Provenance, ref: str, inputs: tuple[str, ...]
    ) -> None:
        definition, metadata = provenance.build_definition, provenance.run_details.metadata
        if metadata.finished_on:
            self.told.times.append(metadata.finished_on)
        self.told.steps.append(
            Step(
                ref=f"step:{verified.id}",
                name=_text(definition.external_parameters.get("step")) or definition.build_type,
                command=_command(provenance),
                inputs=inputs,
                outputs=(ref,),
                started=metadata.started_on,
                finished=metadata.finished_on,
                invocation=metadata.invocation_id,
                builder=provenance.run_details.builder.id,
                by=verified.principal.name,
                source=str(verified.id),
                parameters={
                    key: value
                    for key, value in definition.internal_parameters.items()
                    if isinstance(value, str) and key in ("grade", "digests", "sandbox", "packagesDigest")
                },
            )
        )

    def _input(self, material: ResourceDescriptor, role: str) -> Component:
        """The component that an input is: a base model, a dataset, or what another step made."""
        digest = _digest(material)
        name = material.name.removeprefix("input/")
        versions = self.evidence.about(digest, Version)
        if versions:
            component = self._base(digest, versions)
        elif not self.evidence.is_dataset(digest) and self.evidence.about(digest, Provenance):
            component = Component(
                _ref(Kind.PRODUCT, digest), Kind.PRODUCT, name, digest=digest, grade=Grade.ATTESTED
            )
        else:
            component = self._dataset(digest, name, role)
        return self._add(component)

    def _base(self, digest: Digest, versions: Sequence[tuple[VerifiedStatement, Version]]) -> Component:
        verified, version = versions[0]
        component = Component(
            _ref(Kind.BASE, digest),
            Kind.BASE,
            version.model,
            str(version.version),
            digest,
            Grade.ATTESTED,
            str(verified.id),
        )
        base = {"base_model": f"{version.model}@{version.version}", "digest": str(digest)}
        if component.ref not in self.told.components:
            self._facts(str(verified.id), Grade.ATTESTED, {"MDL-14": base})
        return component

    def _dataset(self, digest: Digest, name: str, role: str) -> Component:
        facts, known_as, ancestors, source = dataset_facts(digest, self.evidence)
        return Component(
            _ref(Kind.DATASET, digest),
            Kind.DATASET,
            known_as or name,
            digest=digest,
            grade=Grade.ATTESTED,
            source=source,
            roles=(role,),
            facts=facts,
            ancestors=ancestors,
        )

    def _add(self, component: Component) -> Component:
        before = self.told.components.get(component.ref)
        if before is not None:
            component = replace(before, roles=tuple(sorted({*before.roles, *component.roles})))
        self.told.components[component.ref] = component
        return component

    def _link(self, ref: str, other: str) -> None:
        links = self.told.depends.setdefault(ref, [])
        if other not in links and other != ref:
            links.append(other)

    def _facts(self, source: str, grade: Grade, values: dict[str, dict[str, Any]]) -> None:
        self.told.facts += [Fact(name, value, grade, source) for name, value in values.items()]


def package_url(model: str, version: int, artifact: Digest) -> str:
    """A package URL that names one registered artifact by its digest."""
    return f"pkg:generic/{model}@{version}?{artifact.algorithm.lower()}={artifact.value}"


def inputs_of(provenance: Provenance) -> Iterator[ResourceDescriptor]:
    """The declared inputs of a step that are named by the digest of a file or a tree."""
    for material in provenance.build_definition.resolved_dependencies:
        if material.name.startswith("input/") and material.digest.keys() & {"sha256", "dirHash"}:
            yield material


def _digest(material: ResourceDescriptor) -> Digest:
    algorithm = "dirHash" if "dirHash" in material.digest else "sha256"
    return Digest(algorithm, material.digest[algorithm])


def _ref(kind: Kind, digest: Digest) -> str:
    return f"{kind.name.lower()}:{digest}"


def _command(provenance: Provenance) -> tuple[str, ...]:
    command = provenance.build_definition.external_parameters.get("command")
    return tuple(str(part) for part in command) if isinstance(command, Iterable) else ()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
