"""W3C PROV as PROV-JSON: datasets are entities, steps are activities, signers and sources are agents.

A digest is its own qualified name: `sha256:HEX` with the prefix `sha256`.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from modelward.data.exchange.facts import Agent, Description, Step, Thing

PREFIXES = {
    "sha256": "urn:modelward:dataset:sha256:",
    "dirHash": "urn:modelward:dataset:dirHash:",
    "statement": "urn:modelward:statement:sha256:",
    "agent": "urn:modelward:agent:",
    "place": "urn:modelward:place:",
    "modelward": "https://modelward.dev/terms/",
}


def write(dataset: Description) -> dict[str, Any]:
    """The document."""
    graph = _Graph()
    graph.dataset(dataset)
    for step in dataset.steps:
        graph.step(step)
    return {"prefix": PREFIXES, **graph.parts}


class _Graph:
    def __init__(self) -> None:
        self.parts: dict[str, dict[str, Any]] = {}

    def dataset(self, dataset: Description) -> None:
        """The dataset itself."""
        if not dataset.subject:
            return
        facts = {
            "modelward:rows": dataset.rows,
            "modelward:rowsRoot": dataset.rows_root,
            "modelward:setRoot": dataset.set_root,
            "modelward:licence": list(dataset.licences),
        }
        self._entity(Thing(name=dataset.name, digest=dataset.subject), facts)
        for agent in dataset.creators:
            name = self._agent(agent)
            self._relate("wasAttributedTo", {"prov:entity": dataset.subject, "prov:agent": name})

    def step(self, step: Step) -> None:
        """A step: what it used, what it made, and who answers for it."""
        activity = f"statement:{step.statement.removeprefix('sha256:')}"
        facts = {
            "prov:endTime": step.at,
            "prov:label": step.operation,
            "modelward:claim": step.claim,
            "modelward:consent": step.consent,
            "modelward:licence": step.licence,
            "modelward:rowsDropped": step.rows_dropped,
        }
        self._put("activity", activity, facts)
        self._entity(Thing(name=step.dataset, digest=step.subject), {})
        made = {"prov:entity": step.subject, "prov:activity": activity, "prov:time": step.at}
        self._relate("wasGeneratedBy", made)
        signer = self._agent(Agent(name=step.by))
        self._relate("wasAssociatedWith", {"prov:activity": activity, "prov:agent": signer})
        used = list(step.inputs)
        if step.source:
            place = f"place:{quote(step.source, safe='')}"
            self._put("entity", place, {"prov:label": step.source})
            self._relate("hadPrimarySource", {"prov:generatedEntity": step.subject, "prov:usedEntity": place})
        for thing in used:
            self._entity(thing, {})
            self._relate("used", {"prov:activity": activity, "prov:entity": thing.digest})
            derived = {"prov:generatedEntity": step.subject, "prov:usedEntity": thing.digest}
            self._relate("wasDerivedFrom", {**derived, "prov:activity": activity})
        for program in (step.tool, step.generator):
            if program is not None:
                name = self._agent(Agent(name=program.name, kind="SoftwareAgent"), program.digest)
                self._relate("wasAssociatedWith", {"prov:activity": activity, "prov:agent": name})

    def _entity(self, thing: Thing, facts: dict[str, Any]) -> None:
        self._put("entity", thing.digest, {"prov:label": thing.name, **facts})

    def _agent(self, agent: Agent, digest: str = "") -> str:
        name = digest or f"agent:{quote(agent.name, safe='')}"
        kind = {"$": f"prov:{agent.kind}", "type": "prov:QUALIFIED_NAME"}
        self._put("agent", name, {"prov:label": agent.name, "prov:type": kind, "modelward:url": agent.url})
        return name

    def _put(self, kind: str, name: str, facts: dict[str, Any]) -> None:
        kept = {key: value for key, value in facts.items() if value not in ("", [], None)}
        self.parts.setdefault(kind, {}).setdefault(name, {}).update(kept)

    def _relate(self, kind: str, ends: dict[str, Any]) -> None:
        found = self.parts.setdefault("wasDerivedFrom" if kind == "hadPrimarySource" else kind, {})
        if kind == "hadPrimarySource":  # a derivation of this type, in PROV-JSON
            ends["prov:type"] = {"$": "prov:PrimarySource", "type": "prov:QUALIFIED_NAME"}
        if ends not in found.values():
            found[f"_:{kind}{len(found) + 1}"] = ends
