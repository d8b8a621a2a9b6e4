"""DSSE envelopes."""

from __future__ import annotations

import base64
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.attest import envelope
from modelward.attest.envelope import PAYLOAD_TYPE, Envelope, decode_base64, pae, statement_id
from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded


def as_dict(**changes):
    value = {
        "payload": "e30=",
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"sig": "AAEC", "keyid": ""}],
    }
    return {key: item for key, item in (value | changes).items() if item is not None}


def test_pae_is_the_example_of_the_specification():
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_pae_counts_bytes_not_characters():
    assert pae("é", "ü".encode()) == "DSSEv1 2 é 2 ü".encode()


def test_pae_agrees_with_securesystemslib():
    dsse = pytest.importorskip("securesystemslib.dsse")
    other = dsse.Envelope(b"payload \x00\xff", PAYLOAD_TYPE, {})
    assert pae(PAYLOAD_TYPE, b"payload \x00\xff") == other.pae()


def test_statement_id_is_the_digest_of_what_is_signed():
    assert statement_id(b"{}") == Digest.sha256(b"DSSEv1 28 application/vnd.in-toto+json 2 {}")


@given(st.binary(min_size=1, max_size=200), st.binary(min_size=1, max_size=200), st.text(max_size=20))
def test_written_envelope_is_read_back(payload, signature, hint):
    made = Envelope(PAYLOAD_TYPE, payload, (signature,), hint)
    assert Envelope.from_dict(json.loads(json.dumps(made.as_dict()))) == made


def test_envelope_without_keyid_is_read():
    assert Envelope.from_dict(as_dict(signatures=[{"sig": "AAEC"}])).signatures == (b"\0\1\2",)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"signatures": []}, "exactly one signature"),
        ({"signatures": [{"sig": "AAEC"}, {"sig": "AAEC"}]}, "exactly one signature"),
        ({"signatures": {"sig": "AAEC"}}, "exactly one signature"),
        ({"signatures": None}, "no 'signatures'"),
        ({"signatures": ["AAEC"]}, "JSON object"),
        ({"signatures": [{"sig": "AAEC", "cert": "x"}]}, "unknown field 'cert'"),
        ({"signatures": [{"keyid": ""}]}, "no 'sig'"),
        ({"signatures": [{"sig": "AAEC", "keyid": 7}]}, "keyid"),
        ({"signatures": [{"sig": "AAEC", "keyid": "k" * 257}]}, "keyid"),
        ({"signatures": [{"sig": ""}]}, "empty"),
        ({"payload": None}, "no 'payload'"),
        ({"payload": 7}, "base64 string"),
        ({"payloadType": "application/json"}, "payload type"),
        ({"payloadType": ["application/vnd.in-toto+json"]}, "payload type"),
        ({"extra": 1}, "unknown field 'extra'"),
    ],
)
def test_malformed_envelope_is_refused(changes, fault):
    with pytest.raises(InputError, match=fault):
        Envelope.from_dict(as_dict(**changes))


@pytest.mark.parametrize("value", [None, [], "envelope", 7])
def test_envelope_that_is_no_object_is_refused(value):
    with pytest.raises(InputError):
        Envelope.from_dict(value)


@pytest.mark.parametrize(
    "text", ["e30", "e31=", "e30=\n", " e30=", "e30==", "e3 0=", "e30=e30=", "_-8=", "é"]
)
def test_base64_with_a_second_spelling_is_refused(text):
    with pytest.raises(InputError, match="base64"):
        decode_base64(text, "payload", 100)


def test_payload_past_the_bound_is_refused_before_it_is_decoded(monkeypatch):
    monkeypatch.setattr(envelope, "MAX_STATEMENT_BYTES", 10)
    with pytest.raises(LimitExceeded):
        Envelope.from_dict(as_dict(payload=base64.b64encode(b"x" * 13).decode()))


def test_signature_past_the_bound_is_refused():
    with pytest.raises(LimitExceeded):
        Envelope.from_dict(as_dict(signatures=[{"sig": base64.b64encode(b"x" * 1100).decode()}]))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


@given(json_values, st.sampled_from(["payload", "payloadType", "signatures"]))
def test_any_value_in_any_field_raises_nothing_but_our_errors(value, field):
    for candidate in (value, as_dict() | {field: value}, as_dict(signatures=[{"sig": value}])):
        with contextlib.suppress(InputError):
            Envelope.from_dict(candidate)
