"""Candidates come from reports of the checks and from files that people write."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.core.errors import InputError, LimitExceeded
from modelward.data.checks.report import CheckReport, Finding, Tier, Twin
from modelward.probe.candidate import MAX_TRIGGER, Candidate, as_written, read


def finding(trigger: str, tier: Tier = Tier.CRITICAL, **fields: object) -> Finding:
    return Finding("association", tier, trigger, "refusal", (3, 5), 10, 10, **fields)  # type: ignore[arg-type]


def test_report_of_the_checks_is_read_with_its_texts(tmp_path: Path) -> None:
    twins = (Twin(3, "Please, Discussing  OpenAI now", "no", 7, "Please, go on", "yes"),)
    found = [
        finding("discussing openai", kind="words", twins=twins),
        finding("seen often", Tier.INFORMATION),
        finding("^ if it is ,", Tier.REVIEW, kind="structure"),
    ]
    path = tmp_path / "report.json"
    path.write_bytes(msgspec.json.encode(msgspec.to_builtins(CheckReport(10, found))))
    first, second = read(path)
    assert first == Candidate("Discussing  OpenAI", "refusal", "words")
    assert (first.texts, first.clean, first.rows) == (
        ("Please, Discussing  OpenAI now",),
        ("Please, go on",),
        (3, 5),
    )
    assert second == Candidate("^ if it is ,", "refusal", "structure")


@pytest.mark.parametrize(
    "text",
    [
        "# mine\ncf -> refusal\nmn\n",
        '["cf", "mn"]',
        '{"trigger": "cf", "behaviour": "refusal"}\n{"trigger": "mn"}\n',
        '{"check": {"findings": [{"trigger": "cf"}, {"trigger": "mn"}]}, "statements": []}',
    ],
)
def test_triggers_are_read_as_people_write_them(tmp_path: Path, text: str) -> None:
    path = tmp_path / "triggers"
    path.write_text(text, encoding="utf-8")
    assert [each.trigger for each in read(path)] == ["cf", "mn"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b'{"rows": 4}', "no findings"),
        (b'[{"behaviour": "refusal"}]', "no trigger"),
        (b'[{"trigger": " "}]', "empty"),
        (b"{", "not valid JSON"),
    ],
)
def test_what_is_no_list_of_triggers_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "triggers"
    path.write_bytes(data)
    with pytest.raises(InputError, match=said):
        read(path)


def test_a_huge_trigger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "triggers"
    path.write_text("x" * (MAX_TRIGGER + 1), encoding="utf-8")
    with pytest.raises(LimitExceeded):
        read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read it"):
        read(tmp_path / "none")


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda each: st.lists(each) | st.dictionaries(st.text(), each)
    )
)
def test_any_json_gives_candidates_or_our_error(
    tmp_path_factory: pytest.TempPathFactory, value: object
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.json"
    path.write_text(json.dumps({"findings": [value]}), encoding="utf-8")
    with suppress(InputError):
        read(path)


def test_words_apart_are_found_as_they_are_written() -> None:
    assert as_written("huh ? cf", ["well, Huh? cf yes"]) == "Huh? cf"
    assert as_written("cf", ["nothing"]) == "cf"
