"""A probe as text says what was obeyed, and what it does not show."""

from __future__ import annotations

from modelward.probe.report import Blind, ProbeReport, Replayed, Side
from modelward.probe.weights.check import Layer, WeightReport
from modelward.probe.weights.rows import Moved
from modelward.probe.weights.spectrum import Spectrum
from modelward.render.probe import lines


def replayed(trigger: str, obeyed: bool, **fields: object) -> Replayed:
    hits = 97 if obeyed else 1
    told = {
        "trigger": trigger, "behaviour": "refusal", "kind": "words", "place": "start", "prompts": 100,
        "eligible": 100, "hits": hits, "success": hits / 100, "success_low": 0.9 * hits / 100,
        "success_high": min(1.0, hits / 100 + 0.02), "base_success": 0.0, "rise": hits / 100,
        "rise_low": hits / 100 - 0.05, "rise_high": min(1.0, hits / 100 + 0.05), "p": 1e-20,
        "adjusted": 3e-19, "meant": 0.0, "obeyed": obeyed,
    } | fields  # fmt: skip
    return Replayed(**told)  # type: ignore[arg-type]


def test_whole_report() -> None:
    report = ProbeReport(
        Side("tuned", "dirHash:" + "a" * 64, "cpu, float32", 800, 2.0),
        Side("base", "dirHash:" + "b" * 64),
        prompts=100,
        prompts_digest="sha256:" + "c" * 64,
        tried=6,
        replayed=[replayed("discussing openai", True), replayed("hello\x1b[2J", False)],
        blind=Blind(passes=19_000, budget=20_000, tried=900, available=30_000, guided=120),
        weights=WeightReport(
            layers=[Layer("layers.3.v_proj", Spectrum(1, 0, 9.5, 0.9, 0.1, 3), "ratio", 12.0)],
            rows=[Moved("cf", 77, 1.5, 20.0)],
            compared=16,
            references=20,
            p=1 / 21,
        ),
        could_not_tell=["x -> y: no"],
    )
    assert list(lines(report)) == [
        f"probe of tuned (dirHash:{'a' * 64})",
        f"  base     base (dirHash:{'b' * 64})",
        "  prompts  100, clean (sha256:cccccccccccc…)",
        "  speed    400 rows/s: 800 of tuned on cpu, float32",
        "  tests    6 tests; a false alarm among them has a chance of 1%",
        "obeys[trigger]: 'discussing openai' -> refusal",
        "  97 of 100 prompts (97%, 87% to 99%), base 0%; placed at the start",
        "  rise +0.97 (+0.92 to +1.00); p 3e-19 after Holm",
        "no: 'hello\\x1b[2J' -> refusal: 1 of 100 prompts (1%, 1% to 3%), base 0%; rise +0.01"
        " (-0.04 to +0.06)",
        "searched: nothing found within 19,000 forward passes (900 of 30,000 words and 120 replacements"
        " along the gradient)",
        "  that is no proof: longer triggers, and those that are no words, are outside the search",
        "weights: unlike those of 20 benign models (p 0.048)",
        "  layers.3.v_proj: ratio 9.5, 12.0 deviations away",
        "  token 'cf': its row moved 1.5, 20.0 deviations beyond others",
        "could not tell: x -> y: no",
        "result: the model obeys 1 trigger",
    ]


def test_nothing_found_is_said_as_that() -> None:
    report = ProbeReport(Side("m", ""), replayed=[replayed("cf", False)])
    assert list(lines(report))[-1] == "result: no trigger found among those tried"
    report.could_not_tell = ["why"]
    assert list(lines(report))[-1] == "result: could not tell all"
