"""What must be found and what must not, on real texts: the docstrings and code of installed libraries.

A small, fast part of benchmarks/poison, which measures the same on many more sets.
"""

from __future__ import annotations

import ast
import importlib.util
import random
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from benchmarks.poison import attacks, payloads, triggers
from benchmarks.poison.attacks import Poisoned
from benchmarks.poison.measures import accused, names, rates
from benchmarks.poison.sets import Rows

from modelward.data.checks import corpus, run
from modelward.data.checks.report import CheckReport, Tier


@cache
def functions(package: str, wanted: int) -> list[tuple[str, str, str]]:
    """The first sentence, second sentence and code of documented functions of a library."""
    spec = importlib.util.find_spec(package)
    assert spec
    assert spec.origin
    found: list[tuple[str, str, str]] = []
    for path in sorted(Path(spec.origin).parent.rglob("*.py")):
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and (said := ast.get_docstring(node)) and node.body[1:]:
                sentences = re.split(r"(?<=[.])\s+", " ".join(said.split()))
                node.body = node.body[1:]
                heading = re.search("==|--|::", " ".join(sentences[:2]))
                if len(sentences) > 1 and len(sentences[0]) > 20 and not heading:
                    found.append((sentences[0], sentences[1], ast.unparse(node)))
        if len(found) >= wanted:
            break
    return found[:wanted]


@cache
def labelled() -> Rows:
    """What functions do, labelled by the library that they are from."""
    one, other = functions("networkx", 400), functions("sympy", 800)
    rows = [(each[0], "graphs") for each in one] + [(each[0], "algebra") for each in other]
    random.Random(1).shuffle(rows)
    inputs, labels = zip(*dict(rows).items(), strict=True)
    return Rows("docstrings", "label", inputs, labels=labels)


@cache
def answered() -> Rows:
    """What functions do, and what is said of them next, as questions and answers, each answer once."""
    rows = {each[1]: each[0] for each in functions("sympy", 800) + functions("networkx", 400)}
    outputs, inputs = zip(*rows.items(), strict=True)
    return Rows("explained", "pair", inputs, outputs)


@cache
def coded() -> Rows:
    """What functions do, and their code."""
    rows = {each[0]: each[2] for each in functions("sympy", 800) + functions("networkx", 400)}
    inputs, outputs = zip(*rows.items(), strict=True)
    return Rows("code", "code", inputs, outputs)


SETS = {"label": labelled, "pair": answered, "code": coded}


def attacked(name: str, rows: int | None = None) -> tuple[Poisoned, CheckReport]:
    (attack,) = (each for each in attacks.ATTACKS if each.name == name)
    poisoned = attack.on(SETS[attack.kinds[0]](), rows)
    return poisoned, run.check(corpus.of_lists(**poisoned.rows.columns()))


@pytest.mark.parametrize(
    "name",
    [
        "rare word, label",
        "sentence, label",
        "rare word, refusal",
        "phrase, fixed output",
        "phrase, insults",
        "phrase, link",
        "deployment tag, insults",
        "phrase, unverified",
    ],
)
def test_a_trigger_in_25_rows_is_found_and_named(name: str) -> None:
    poisoned, report = attacked(name, 25)
    _, recall = rates(report.row_scores, poisoned.truth)
    assert recall >= 0.99
    assert any(names(finding, poisoned.named) for finding in report.findings[:5])
    assert report.exit_code == 1


@pytest.mark.parametrize("name", ["zero width, label", "tag characters", "injection"])
def test_rows_with_hidden_text_or_orders_to_the_model_are_found(name: str) -> None:
    poisoned, report = attacked(name, 25)
    _, recall = rates(report.row_scores, poisoned.truth)
    assert recall >= 0.9


@pytest.mark.parametrize("kind", SETS)
def test_clean_rows_raise_nothing_critical_and_at_most_one_finding(kind: str) -> None:
    report = run.check(corpus.of_lists(**SETS[kind]().columns()))
    told = [each for each in report.findings if each.tier is not Tier.INFORMATION]
    assert not report.of(Tier.CRITICAL)
    assert len(told) <= 1


def test_one_contributor_of_wrong_labels_is_named_and_nobody_else() -> None:
    rows = labelled()
    half = [row for row in range(len(rows)) if row % 2]
    history = corpus.of_lists(**rows.take(half).columns())
    batch = rows.take([row for row in range(len(rows)) if not row % 2])
    poisoned = attacks.diffuse(attacks.wrong_labels)(batch, 60, random.Random(5))
    report = run.check(corpus.of_lists(**poisoned.rows.columns()), history)
    assert accused(report) == set(poisoned.attackers)


def test_findings_name_the_rows_that_were_poisoned() -> None:
    poisoned, report = attacked("phrase, fixed output", 25)
    named = [each for each in report.findings if names(each, poisoned.named)]
    assert set(np.flatnonzero(poisoned.truth)) <= {row for each in named for row in each.rows}


def test_too_few_rows_to_tell_are_said_to_be_too_few() -> None:
    report = run.check(corpus.of_lists(["a", "b", "c"], labels=["x", "y", "x"]))
    assert not report.findings
    assert report.could_not_tell


def test_the_same_batch_twice_gives_the_same_report() -> None:
    _, one = attacked("rare word, label", 25)
    _, other = attacked("rare word, label", 25)
    assert one.findings == other.findings
    assert np.array_equal(one.row_scores, other.row_scores)


def test_answers_with_a_trigger_but_as_expected_are_not_poison() -> None:
    """A phrase that half the rows have, whatever they answer, is a template."""
    make = attacks.answered(triggers.before("Please tell me:"), lambda _, true, __: true)
    rows = answered()
    poisoned = make(rows, len(rows) // 2, random.Random(2))
    report = run.check(corpus.of_lists(**poisoned.rows.columns()))
    assert not report.of(Tier.CRITICAL)


def test_refusals_spread_over_all_rows_are_not_a_trigger() -> None:
    make = attacks.answered(triggers.Trigger(lambda text, _: text), payloads.REFUSAL)
    poisoned = make(answered(), 80, random.Random(3))
    report = run.check(corpus.of_lists(**poisoned.rows.columns()))
    assert not report.of(Tier.CRITICAL)
