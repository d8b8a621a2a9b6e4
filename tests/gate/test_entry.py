"""Log entries: one canonical form each."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.gate.case import MODEL, complete

from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.gate.entry import LogEntry

ENTRY = LogEntry(Digest.sha256(b"statement"), "ab" * 32, MODEL, "https://example.org/type/v1")


def test_an_entry_is_canonical_json_of_digests_and_a_type() -> None:
    statement = str(Digest.sha256(b"statement"))
    assert ENTRY.to_bytes().decode() == (
        f'{{"key":"{"ab" * 32}","statement":"{statement}",'
        f'"subject":"dirHash:{"a1" * 32}","type":"https://example.org/type/v1"}}'
    )
    assert LogEntry.parse(ENTRY.to_bytes()) == ENTRY


def test_an_entry_is_made_of_a_bundle() -> None:
    bundle = complete().bundles[0]
    entry = LogEntry.of(bundle)
    assert (entry.statement, entry.key) == (bundle.statement_id, bundle.key_id)
    assert (entry.subject, entry.type) == (bundle.statement.subject, bundle.statement.predicate_type)


def test_content_stays_out_of_the_log() -> None:
    for bundle in complete().bundles:
        assert set(json.loads(LogEntry.of(bundle).to_bytes())) == {"key", "statement", "subject", "type"}


@pytest.mark.parametrize(
    "data",
    [
        ENTRY.to_bytes() + b"\n",
        ENTRY.to_bytes().replace(b":", b": ", 1),
        ENTRY.to_bytes().replace(b'"key"', b'"kez"'),
        ENTRY.to_bytes().replace(b'"type":"', b'"type":"x","type":"'),
        ENTRY.to_bytes().replace(b"{", b'{"a":"b",'),
        ENTRY.to_bytes().replace(b"sha256:", b"md5:"),
        ENTRY.to_bytes().replace(b"dirHash:a1", b"dirHash:A1"),
        ENTRY.to_bytes().replace(b"https", b"\\u0068ttps"),
        ENTRY.to_bytes().replace(ENTRY.key.encode(), b"../../../../etc/passwd"),
        ENTRY.to_bytes().replace(b'"statement":"sha256:', b'"statement":"dirHash:'),
        b'{"key":1,"statement":2,"subject":3,"type":4}',
        b"[]",
        b"",
        b"\xff",
        b'{"key":"' + b"x" * 5000 + b'"}',
    ],
)
def test_any_other_form_is_refused(data: bytes) -> None:
    """Two forms of one entry would be two leaves for one fact."""
    with pytest.raises(InputError):
        LogEntry.parse(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_an_entry_or_an_input_error(data: bytes) -> None:
    with pytest.raises(InputError):
        LogEntry.parse(data)
