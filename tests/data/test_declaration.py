from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from modelward.attest.predicates import custody as predicate
from modelward.core.errors import InputError, LimitExceeded
from modelward.data.declaration import Declaration, Thing, read_declaration

TEXT = """
version = "3"
licence = "CC-BY-4.0"
personalData = "pseudonymous"
annotator = "team b"
[source]
uri = "https://example.org"
channel = "crawl"
fetchedAt = "2026-11-22T09:14:00Z"
collector = "acme-crawler"
contributor = "c-17"
geography = "DE"
[generator.model]
name = "llm"
digest = "dirHash:0000000000000000000000000000000000000000000000000000000000000000"
[[code]]
name = "clean.py"
digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
[findings]
report = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
detector = "association/1"
decision = "accepted"
reviewer = "sam"
"""


def test_a_declaration_is_read_from_toml_and_enters_the_statement_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "d.toml").write_text(TEXT)
    said = read_declaration(tmp_path / "d.toml")
    fields = said.fields()
    assert fields["source"]["geography"] == "DE"
    assert "consent" not in fields
    assert "tool" not in fields
    rest = {
        "dataset": "d",
        "operation": "collect",
        "inputs": [],
        "claim": "declared",
        "rows": {"input": 0, "output": 1, "dropped": 0},
        "setRoot": "sha256:" + "0" * 64,
        "performedAt": "2026-11-22T09:14:00Z",
    }
    assert msgspec.convert(fields | rest, predicate.Custody).findings is not None


def test_what_is_declared_is_known_as_declared() -> None:
    assert set(Declaration.__struct_fields__) == predicate.DECLARED


@pytest.mark.parametrize(
    "text",
    ["licence = 1", "nonsense = 'x'", "[source]\nchannel = 'crawl'", "[", "\x00", "code = ['a']", "\udcff"],
)
def test_a_wrong_declaration_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "d.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError) as caught:
        read_declaration(tmp_path / "d.toml")
    assert "d.toml" in str(caught.value.where)


def test_an_endless_declaration_is_refused(tmp_path: Path) -> None:
    (tmp_path / "d.toml").write_bytes(b"#" * (1 << 21))
    with pytest.raises(LimitExceeded):
        read_declaration(tmp_path / "d.toml")
    with pytest.raises(InputError):
        read_declaration(tmp_path / "none.toml")


def test_a_digest_that_is_none_is_refused() -> None:
    with pytest.raises(InputError):
        Declaration(tool=Thing(name="x", digest="md5:1")).fields()
