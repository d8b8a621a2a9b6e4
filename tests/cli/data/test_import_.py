from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelward.attest.predicates import Custody
from modelward.attest.statement import Statement

CROISSANT = {
    "@type": "Dataset",
    "name": "sms",
    "description": "Messages.",
    "url": "https://example.org/sms",
    "license": "https://creativecommons.org/licenses/by/4.0/",
    "creator": [{"@type": "Organization", "name": "Example Ltd"}, {"@type": "Person", "name": "Ann"}],
    "version": "1.2.0",
    "recordSet": {
        "@id": "rows",
        "field": {"@id": "rows/text", "dataType": "sc:Text", "source": {"extract": {"column": "text"}}},
    },
}


@pytest.fixture
def croissant(here: Path) -> Path:
    digest = hashlib.sha256((here / "raw.csv").read_bytes()).hexdigest()
    (here / "in").mkdir()
    (here / "raw.csv").rename(here / "in" / "raw.csv")
    path = here / "in" / "croissant.json"
    file = {"@type": "cr:FileObject", "@id": "raw.csv", "contentUrl": "raw.csv", "sha256": digest}
    path.write_text(json.dumps(CROISSANT | {"distribution": file}))
    return path


def test_a_described_dataset_is_recorded_as_declared(
    command: Callable[..., Any], registry: None, croissant: Path
) -> None:
    done = command("data", "import", croissant, "--name", "sms")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0].startswith("imported raw.csv (sha256:")
    assert lines[2:6] == [
        "  checked  1 of 1 files have the digest that it gives",
        "  columns  1 are as it describes them",
        "  source   https://example.org/sms, declared",
        "  licence  https://creativecommons.org/licenses/by/4.0/, declared",
    ]
    assert done.err == "not checked: source, licence and creators are the word of croissant.json\n"
    assert command("data", "verify", croissant.with_name("raw.csv")).code == 0
    exported = json.loads(command("data", "export", "sms", "--format", "croissant").out)
    for name in ("description", "url", "license", "version"):
        assert exported[name] == CROISSANT[name]
    assert [agent["name"] for agent in exported["creator"]] == ["Example Ltd", "Ann"]


def test_the_statement_says_what_was_checked(
    command: Callable[..., Any], croissant: Path, here: Path
) -> None:
    done = command(
        *("data", "import", croissant, "--name", "sms", "--statement", "s.json"),
        *("--licence", "MIT", "--consent", "terms of 2026"),
    )
    assert done.code == 0, done.err
    _, statement = [Statement.from_bytes(line) for line in (here / "s.json").read_bytes().splitlines()]
    custody = statement.typed(Custody)
    assert (custody.operation, custody.claim, custody.licence) == ("collect", "declared", "MIT")
    assert custody.source is not None
    assert (custody.source.uri, custody.source.collector) == ("https://example.org/sms", "Example Ltd; Ann")
    assert custody.origin is not None
    assert (custody.origin.format, custody.origin.files, custody.origin.checked) == ("croissant", 1, 1)
    assert custody.origin.document.digest == f"sha256:{hashlib.sha256(croissant.read_bytes()).hexdigest()}"
    assert custody.origin.digest.startswith("sha256:")


def test_a_row_changed_after_the_description_is_refused(
    command: Callable[..., Any], registry: None, croissant: Path, here: Path
) -> None:
    data = croissant.with_name("raw.csv")
    data.write_text(data.read_text().replace("hello", "jello"))
    before = sorted(here.rglob("*.parquet"))
    done = command("data", "import", croissant, "--name", "sms")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: raw.csv: the file has sha256 ")
    assert sorted(here.rglob("*.parquet")) == before


def test_a_column_that_is_not_there_is_refused(
    command: Callable[..., Any], registry: None, croissant: Path
) -> None:
    fields = [CROISSANT["recordSet"]["field"], {"@id": "rows/x", "source": {"extract": {"column": "gone"}}}]  # type: ignore[index]
    value = json.loads(croissant.read_text()) | {"recordSet": {"@id": "rows", "field": fields}}
    croissant.write_text(json.dumps(value))
    done = command("data", "import", croissant, "--name", "sms")
    assert done.code == 1
    assert "no column 'gone'" in done.err


def test_pointers_of_dvc_and_git_lfs_are_origins(
    command: Callable[..., Any], registry: None, here: Path
) -> None:
    data = (here / "raw.csv").read_bytes()
    (here / "raw.csv.dvc").write_text(f"outs:\n- md5: {hashlib.md5(data).hexdigest()}\n  path: raw.csv\n")
    done = command("data", "import", "raw.csv.dvc", "--name", "sms", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["checked"] == ["raw.csv"]
    (here / "pointer").write_text(
        "version https://git-lfs.github.com/spec/v1\n"
        f"oid sha256:{hashlib.sha256(data).hexdigest()}\nsize {len(data)}\n"
    )
    assert command("data", "import", "pointer", "--name", "sms", "--data", "raw.csv").code == 0
    assert command("data", "import", "pointer", "--name", "sms", "--data", "clean.csv").code == 1
    done = command("data", "import", "pointer", "--name", "sms")
    assert done.code == 2
    assert "add --data PATH" in done.err


def test_a_lakefs_commit_is_declared_and_nothing_of_it_checked(
    command: Callable[..., Any], registry: None, here: Path
) -> None:
    commit = {
        "id": "ab" * 32,
        "meta_range_id": "cd" * 32,
        "committer": "ann",
        "message": "m",
        "creation_date": 1,
    }
    (here / "commit.json").write_text(json.dumps(commit))
    done = command(
        *("data", "import", "commit.json", "--name", "sms", "--data", "raw.csv"),
        *("--source", f"lakefs://sms/{'ab' * 32}/raw.csv"),
    )
    assert done.code == 0, done.err
    assert "checked  0 of 0 files" in done.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["none.json", "--name", "sms"],
        ["raw.csv", "--name", "sms"],
        ["raw.csv.dvc", "--name", "sms"],  # whose data is not there
        ["raw.csv.dvc", "--name", "a b", "--data", "raw.csv"],
    ],
)
def test_what_cannot_be_imported_is_said(
    command: Callable[..., Any], registry: None, arguments: list[str], here: Path
) -> None:
    (here / "raw.csv.dvc").write_text("outs:\n- path: gone.csv\n")
    done = command("data", "import", *arguments)
    assert (done.code, done.out) == (2, "")
    assert "error: " in done.err
