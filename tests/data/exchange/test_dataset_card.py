from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import datasets
import msgspec
import pytest
import yaml
from huggingface_hub import DatasetCard

from modelward.bom import front_matter
from modelward.data.exchange import dataset_card
from modelward.data.exchange.facts import Description, Step


def test_the_hub_and_our_own_reader_understand_it(described: Callable[[], Description]) -> None:
    text = dataset_card.write(described())
    card = DatasetCard(text)
    assert card.data.license == "cc-by-4.0"
    assert card.data.size_categories == ["n<1K"]
    values, body = front_matter.parse(text)
    assert (values["license"], values["tags"]) == (("cc-by-4.0",), ("sms", "spam"))
    assert front_matter.first_paragraph(body) == "Messages."


def test_datasets_loads_the_rows_that_the_card_names(
    described: Callable[[], Description], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "d" / "README.md").write_text(dataset_card.write(described()))
    (tmp_path / "d" / "notes.csv").write_text("not,part\nof,it\n")
    loaded = datasets.load_dataset(str(tmp_path / "d"), cache_dir=str(tmp_path / "cache"))
    assert loaded["train"]["text"][:] == ["hi", "yo"]


@pytest.mark.parametrize(
    ("licences", "expected"),
    [
        (("MIT",), {"license": "mit"}),
        (("MIT", "Apache-2.0"), {"license": ["mit", "apache-2.0"]}),
        (
            ("https://example.org/our terms",),
            {
                "license": "other",
                "license_name": "https-example.org-our-terms",
                "license_link": "https://example.org/our terms",
            },
        ),
    ],
)
def test_licences_have_the_hubs_names(licences: tuple[str, ...], expected: dict[str, object]) -> None:
    front = yaml.safe_load(dataset_card.write(Description(name="x", licences=licences)).split("---")[1])
    assert front == {"pretty_name": "x", **expected}


@pytest.mark.parametrize(("rows", "size"), [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (10**12, "n>1T")])
def test_sizes_are_the_hubs(rows: int, size: str) -> None:
    assert f"- {size}" in dataset_card.write(Description(name="x", rows=rows))


def test_text_of_strangers_makes_no_markdown_and_no_front_matter(
    described: Callable[[], Description],
) -> None:
    evil = "a\n---\nlicense: mit\n---\n# [x](https://evil.example) | <script>\x1b[2J`"
    step = Step(operation="collect", source=evil, by=evil)
    text = dataset_card.write(msgspec.structs.replace(described(), name=evil, text=evil, steps=(step,)))
    assert DatasetCard(text).data.license == "cc-by-4.0"
    body = front_matter.parse(text)[1]
    assert "<script>" not in body
    assert "](https" not in body
    assert "\x1b" not in body
    assert body.count("\n# ") == 1
