"""What the project's pages say about the tree is true."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import jsonschema
import pytest

from modelward import __version__
from modelward.attest.predicates import PREDICATES, Predicate

ROOT = Path(__file__).parents[2]
PAGES = ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
TOP = {"src", "tests", "docs", "requirements", "scripts", "benchmarks", "examples", ".ci"}


def named_files(page: str) -> set[str]:
    """Paths in backticks that begin with a folder of the repository, without placeholders in capitals."""
    text = (ROOT / page).read_text(encoding="utf-8")
    spans = re.findall(r"`([^`\s]+)`", text)
    return {
        span
        for span in spans
        if span.split("/")[0] in TOP and "/" in span and not re.search(r"[A-Z]{2}|\*", span)
    }


@pytest.mark.parametrize("page", PAGES)
def test_files_that_a_page_names_exist(page: str) -> None:
    assert [name for name in sorted(named_files(page)) if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", [*PAGES, "README.md"])
def test_links_between_pages_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    assert [target for target in targets if target and not (ROOT / target).exists()] == []


def test_contributing_names_the_files_to_edit() -> None:
    assert len(named_files("CONTRIBUTING.md")) >= 15


def test_changelog_has_this_version() -> None:
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_generated_pages_are_what_the_code_says(script: Callable[[str], ModuleType]) -> None:
    pages: dict[str, str] = script("write_docs").pages()
    stale = [
        name
        for name, text in pages.items()
        if not (ROOT / name).is_file() or (ROOT / name).read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run `make docs`"
    schemas = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs" / "schemas").iterdir()}
    assert schemas <= set(pages), "a schema of a type that is gone"


@pytest.mark.parametrize(
    "path", sorted((ROOT / "docs" / "schemas").glob("*.json")), ids=lambda path: path.stem
)
def test_schema_is_valid_and_closed(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    kind = PREDICATES.get(schema["$id"])  # None: the schema of what a command prints
    assert kind is None or issubclass(kind, Predicate)
    name = kind.__name__ if kind else schema["$ref"].rpartition("/")[2]
    assert schema["$defs"][name]["additionalProperties"] is False
