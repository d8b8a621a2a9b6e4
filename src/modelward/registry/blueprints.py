"""The gate policies that `modelward init --policy NAME` starts from."""

from __future__ import annotations

from collections.abc import Mapping

NAMES = ("observe", "standard", "strict")

#: BOM fields (ids of `modelward bom check`) that production asks for.
REVIEW_FIELDS = (
    "MD-06",
    "MD-10",
    "MDL-01",
    "MDL-03",
    "MDL-07",
    "MDL-11",
    "MDL-12",
    "DP-01",
    "DP-05",
    "DP-06",
    "DP-09",
    "DP-10",
    "SP-05",
    "SP-08",
    "KPI-02",
)

_DESCRIPTIONS = {
    "observe": "says what it would deny, denies nothing but revoked and tampered releases",
    "standard": "production needs scan, provenance, custody, evaluation, BOM and one approval",
    "strict": "as standard, with two approvals, fresh scans and a status good for one hour",
}

_DEV = """
[stage.dev]
mode = "{mode}"
release-valid = "365d"

[stage.dev.check.log-consistent]
[stage.dev.check.signed]
allow-imported = true
[stage.dev.check.not-revoked]
"""

_STAGE = """
[stage.{stage}]
mode = "{mode}"
release-valid = "{release_valid}"

[stage.{stage}.check.log-consistent]
[stage.{stage}.check.signed]
[stage.{stage}.check.not-revoked]
[stage.{stage}.check.scanned]
verdicts = ["clean"]
{max_age}
[stage.{stage}.check.provenance]
[stage.{stage}.check.custody]
checked = true
[stage.{stage}.check.evaluated]
{metrics}
"""

_PRODUCTION = """[stage.production.check.bom]
fields = [{fields}]
[stage.production.check.approved]
count = {count}
"""


def description(name: str) -> str:
    """One line on what a blueprint asks for."""
    return _DESCRIPTIONS[name]


def render(name: str, metrics: Mapping[str, float]) -> bytes:
    """The TOML of a blueprint. `metrics` maps a metric to the least value that passes."""
    mode = "observe" if name == "observe" else "enforce"
    strict = name == "strict"
    thresholds = "\n".join(
        f'metrics."{metric}" = {{ min = {value} }}' for metric, value in sorted(metrics.items())
    )
    shared = {
        "mode": mode,
        "metrics": thresholds or "# metrics.f1 = { min = 0.9, no-regression = 0.01 }\nmetrics = {}",
        "max_age": 'max-age = "30d"' if strict else "",
        "release_valid": "30d" if strict else "90d",
    }
    text = (
        f"# {name}: {_DESCRIPTIONS[name]}\n"
        'format = "modelward-policy/v1"\n'
        f'name = "{name}"\n'
        f'status-valid = "{"1h" if strict else "24h"}"\n'
        'waiver-max = "30d"\n'
    )
    text += _DEV.format(mode=mode)
    text += _STAGE.format(stage="staging", **shared)
    text += _STAGE.format(stage="production", **shared)
    fields = ", ".join(f'"{field}"' for field in REVIEW_FIELDS)
    text += _PRODUCTION.format(fields=fields, count=2 if strict else 1)
    return text.encode("utf-8")
