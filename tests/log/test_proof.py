"""log.proof: the offline proof file."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from modelward.core import merkle
from modelward.core.errors import InputError, LimitExceeded, ModelwardError, Rejected
from modelward.log.checkpoint import Checkpoint, sign_checkpoint
from modelward.log.note import NoteKey, NoteSigner
from modelward.log.proof import MAX_EXTRA_BYTES, MAX_PROOF_BYTES, ProofFile, verify_proof
from modelward.log.sequencer import Log

ENTRIES = [b"entry %d" % index for index in range(7)]
HASHES = [merkle.leaf_hash(entry) for entry in ENTRIES]
signer = NoteSigner.of("example.com/log", Ed25519PrivateKey.from_private_bytes(b"l" * 32))
SIGNED = sign_checkpoint(Checkpoint("example.com/log", 7, merkle.root(HASHES)), signer)


def proof(index: int, **changes: object) -> ProofFile:
    fields = {"index": index, "hashes": tuple(merkle.inclusion_proof(HASHES, index)), "checkpoint": SIGNED}
    return ProofFile(**(fields | changes))  # type: ignore[arg-type]


DATA = proof(5).to_bytes()


def test_form_is_that_of_the_specification() -> None:
    lines = [base64.b64encode(value) for value in merkle.inclusion_proof(HASHES, 5)]
    assert b"\n".join([b"c2sp.org/tlog-proof@v1", b"index 5", *lines, b"", SIGNED]) == DATA
    extra = proof(5, extra=b"more").to_bytes().split(b"\n")
    assert extra[:3] == [b"c2sp.org/tlog-proof@v1", b"extra bW9yZQ==", b"index 5"]


@pytest.mark.parametrize("index", range(7))
def test_every_entry_is_proved(index: int) -> None:
    checkpoint = verify_proof(proof(index).to_bytes(), ENTRIES[index], signer.key)
    assert checkpoint.size == 7


def test_proof_made_from_a_log_verifies_after_the_log_grew(log: Log, log_key: NoteKey) -> None:
    log.append_all([b"entry %d" % index for index in range(300)])
    made = {index: ProofFile.make(log, index) for index in (0, 255, 256, 299)}
    log.append_all([b"more"] * 300)
    for index, data in made.items():
        assert verify_proof(data, b"entry %d" % index, log_key).size == 300


def test_log_of_one_entry_has_an_empty_proof(log: Log, log_key: NoteKey) -> None:
    log.append(b"only")
    data = ProofFile.make(log, 0)
    assert ProofFile.parse(data).hashes == ()
    assert verify_proof(data, b"only", log_key).size == 1


def test_proof_of_an_entry_that_is_not_there_is_refused(log: Log) -> None:
    with pytest.raises(InputError, match="no entry 0"):
        ProofFile.make(log, 0)


def test_proof_of_another_entry_is_rejected() -> None:
    for entry in (b"", b"entry 4", ENTRIES[5] + b" "):
        with pytest.raises(Rejected):
            verify_proof(DATA, entry, signer.key)


def test_proof_moved_to_another_index_is_rejected() -> None:
    with pytest.raises(Rejected):
        verify_proof(DATA.replace(b"index 5", b"index 4"), ENTRIES[5], signer.key)


def test_proof_under_a_strangers_checkpoint_is_rejected() -> None:
    stranger = NoteSigner.of("example.com/log", Ed25519PrivateKey.from_private_bytes(b"s" * 32))
    forged = sign_checkpoint(Checkpoint("example.com/log", 7, merkle.root(HASHES)), stranger)
    with pytest.raises(Rejected):
        proof(5, checkpoint=forged).verify(ENTRIES[5], signer.key)


def test_proof_of_another_log_is_rejected() -> None:
    other = NoteSigner.of("example.com/other", Ed25519PrivateKey.from_private_bytes(b"l" * 32))
    forged = sign_checkpoint(Checkpoint("example.com/other", 7, merkle.root(HASHES)), other)
    with pytest.raises(Rejected):
        proof(5, checkpoint=forged).verify(ENTRIES[5], signer.key)


def test_extra_data_proves_nothing() -> None:
    assert proof(5, extra=b"anything").verify(ENTRIES[5], signer.key).size == 7
    assert ProofFile.parse(proof(5, extra=b"").to_bytes()).extra == b""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"c2sp.org/tlog-proof@v1\n",
        b"c2sp.org/tlog-proof@v1\n\n" + SIGNED,
        DATA.replace(b"@v1", b"@v2"),
        DATA.replace(b"index 5", b"index 05"),
        DATA.replace(b"index 5", b"index -5"),
        DATA.replace(b"index 5", b"index"),
        DATA.replace(b"index 5", b"index 9223372036854775808"),
        DATA.replace(b"index 5\n", b"index 5\nAAAA\n"),
        DATA.replace(b"index 5\n", b"index 5\nextra AAAA\n"),
        DATA.replace(b"index 5\n", b"extra !!\nindex 5\n"),
        DATA.replace(b"index 5\n", b"extra AAAA\nextra AAAA\nindex 5\n"),
        DATA.replace(b"\n\n", b"\n", 1),
        DATA.replace(b"\n", b"\r\n"),
        DATA + b"\n",
        b"\xef\xbb\xbf" + DATA,
    ],
    ids=range(16),
)
def test_malformed_proof_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        verify_proof(data, ENTRIES[5], signer.key)


def test_oversized_proof_is_refused() -> None:
    with pytest.raises(LimitExceeded):
        ProofFile.parse(proof(5, hashes=(b"h" * 32,) * 65).to_bytes())
    with pytest.raises(LimitExceeded):
        ProofFile.parse(proof(5, extra=bytes(MAX_EXTRA_BYTES + 1)).to_bytes())
    with pytest.raises(LimitExceeded):
        ProofFile.parse(DATA + bytes(MAX_PROOF_BYTES))


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda tail: DATA[:120] + tail))
@example(DATA)
def test_parser_raises_only_our_errors(data: bytes) -> None:
    try:
        parsed = ProofFile.parse(data)
    except InputError:
        return
    assert parsed.to_bytes() == data


@given(st.data())
def test_one_changed_byte_never_verifies(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(DATA) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != DATA[at]))
    with pytest.raises(ModelwardError):
        verify_proof(DATA[:at] + bytes([byte]) + DATA[at + 1 :], ENTRIES[5], signer.key)
