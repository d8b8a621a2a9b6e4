"""A comparison as people read it."""

from __future__ import annotations

from pathlib import Path

from tests.pipeline.derivation.llamas import CONFIG, SETTINGS, llama, save

from modelward.pipeline.derivation.compare import compare
from modelward.render.derivation import lines


def test_every_figure_is_shown_and_nothing_forges_a_line(tmp_path: Path) -> None:
    base = save(tmp_path / "base", llama(1))
    model = save(tmp_path / "model", llama(1), CONFIG | {"evil\n": "\x1b[2J"})
    assert list(lines(compare(model, base, SETTINGS), "model\n", "base")) == [
        "consistent: model\\n with base",
        "  100.0% of the weights are the base's, with changes",
        "  attention  12 equal; correlation from 1.000; difference up to 0.00%",
        "  embedding  1 equal; correlation from 1.000; difference up to 0.00%",
        "  head       1 equal; correlation from 1.000; difference up to 0.00%",
        "  mlp        9 equal; correlation from 1.000; difference up to 0.00%",
        "  norm       7 equal; difference up to 0.00%",
        '  config.json: evil\\n: none -> "\\u001b[2J"',
        "seed test, drawn rows of large tensors",
    ]
