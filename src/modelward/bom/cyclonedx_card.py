"""The modelCard of a CycloneDX document: parameters, measures, considerations."""

from __future__ import annotations

from typing import Any

from modelward.bom.cyclonedx_parts import VALUE, prop, without_empty
from modelward.bom.model import Bom, Component, Kind
from modelward.core import strict_json

_APPROACHES = frozenset(
    ("supervised", "unsupervised", "reinforcement-learning", "semi-supervised", "self-supervised")
)


def model_card(bom: Bom) -> dict[str, Any]:
    """Architecture, data, inputs and outputs, metrics with their evaluation, limitations and uses."""
    model = bom.model
    approach = model.text("MDL-09", "approach")
    parameters = {
        "approach": {"type": approach} if approach in _APPROACHES else {},
        "task": model.text("MDL-09", "task"),
        "architectureFamily": model.text("MDL-09", "family"),
        "modelArchitecture": model.text("MDL-09", "architecture"),
        "datasets": [{"ref": component.ref} for component in bom.of_kind(Kind.DATASET)],
        "inputs": [{"format": text} for text in model.texts("MDL-10", "inputs")],
        "outputs": [{"format": text} for text in model.texts("MDL-10", "outputs")],
    }
    considerations = {
        "users": bom.system.texts("SLP-09", "users"),
        "useCases": bom.system.texts("SLP-09", "intended_use"),
        "technicalLimitations": model.texts("MDL-18", "limitations"),
        "ethicalConsiderations": [{"name": text} for text in model.texts("MDL-18", "ethics")],
    }
    return without_empty(
        {
            "bom-ref": "model-card",
            "modelParameters": without_empty(parameters),
            "quantitativeAnalysis": without_empty({"performanceMetrics": _metrics(model)}),
            "considerations": without_empty(considerations),
            "properties": _measured_with(model),
        }
    )


def _metrics(model: Component) -> list[dict[str, str]]:
    """Each metric of each evaluation. `slice` names the evaluation data."""
    return [
        {"type": name, "value": repr(value), "slice": str(fact.value.get("data", ""))}
        for fact in model.all("KPI-02")
        for name, value in sorted(fact.value.get("metrics", {}).items())
    ]


def _measured_with(model: Component) -> list[dict[str, str]]:
    """Harness, report and evaluator of each evaluation; the metrics have their own place."""
    return [
        prop(
            f"{VALUE}KPI-02",
            strict_json.dumps({k: v for k, v in fact.value.items() if k != "metrics"}).decode("utf-8"),
        )
        for fact in model.all("KPI-02")
    ]
