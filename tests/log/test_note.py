"""log.note against the vectors of golang.org/x/mod/sumdb/note and of the specification."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given, settings
from hypothesis import strategies as st

from modelward.attest.keys.public import PublicKey
from modelward.core.errors import InputError, LimitExceeded, ModelwardError, Rejected
from modelward.log.note import (
    COSIGNATURE_V1,
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    NoteKey,
    NoteSignature,
    NoteSigner,
    SignedNote,
    check_key_name,
    sign_note,
)

PETER = NoteKey.from_vkey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
PETER_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
ENOCH = NoteKey.from_vkey("EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop")
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_LINE = (
    "— PeterNeumann"
    " x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "— EnochRoot"
    " rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
)
SALVATORE = (
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
    "— quasimodo.example/salvatore"
    " NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
)


def note(*lines: str, text: str = TEXT) -> bytes:
    return f"{text}\n{''.join(lines)}".encode()


def test_signing_gives_the_reference_note() -> None:
    signer = NoteSigner.of("PeterNeumann", Ed25519PrivateKey.from_private_bytes(PETER_SEED))
    assert signer.key == PETER
    assert sign_note(TEXT, signer) == note(PETER_LINE)


def test_verifier_key_round_trips() -> None:
    assert PETER.id.hex() == "c74f20a3"
    assert NoteKey.from_vkey(PETER.vkey) == PETER


def test_reference_notes_verify() -> None:
    both = SignedNote.parse(note(PETER_LINE, ENOCH_LINE))
    assert both.text == TEXT
    assert both.verify([PETER]) == (PETER,)
    assert both.verify([PETER, ENOCH]) == (PETER, ENOCH)
    assert both.to_bytes() == note(PETER_LINE, ENOCH_LINE)


def test_text_with_an_empty_line_ends_at_the_last_one() -> None:
    parsed = SignedNote.parse(SALVATORE.encode())
    assert parsed.text.endswith("\n\ned è subito sera.\n")
    assert parsed.signatures[0].name == "quasimodo.example/salvatore"


def test_key_of_a_pem_file_is_the_same_key() -> None:
    private = Ed25519PrivateKey.from_private_bytes(PETER_SEED)
    pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert NoteKey.from_pem("PeterNeumann", pem) == PETER
    assert NoteKey.from_pem("PeterNeumann", pem.decode()) == PETER


def test_signer_of_the_keys_package_signs_notes() -> None:
    class Signer:
        private = Ed25519PrivateKey.from_private_bytes(PETER_SEED)
        public = PublicKey.of(private.public_key())

        def sign(self, data: bytes) -> bytes:
            return self.private.sign(data)

    assert sign_note(TEXT, NoteSigner.of("PeterNeumann", Signer())) == note(PETER_LINE)


def test_changed_text_is_rejected() -> None:
    with pytest.raises(Rejected, match="does not verify"):
        SignedNote.parse(note(PETER_LINE, text=TEXT.replace("you", "we"))).verify([PETER])


def test_note_without_a_known_signature_is_rejected() -> None:
    with pytest.raises(Rejected, match="no signature by a known key"):
        SignedNote.parse(note(ENOCH_LINE)).verify([PETER])
    with pytest.raises(Rejected, match="no signature by a known key"):
        SignedNote.parse(note(PETER_LINE)).verify([])


def test_wrong_signature_by_a_known_key_spoils_the_whole_note() -> None:
    forged = NoteSignature("EnochRoot", ENOCH.id, b"x" * 64).line
    assert SignedNote.parse(note(PETER_LINE, forged)).verify([PETER]) == (PETER,)
    with pytest.raises(Rejected, match="EnochRoot"):
        SignedNote.parse(note(PETER_LINE, forged)).verify([PETER, ENOCH])


def test_unknown_keys_are_ignored_even_with_a_known_name_or_id() -> None:
    same_name = NoteSignature("PeterNeumann", b"\0\0\0\0", b"x" * 64).line
    same_id = NoteSignature("CarmenSandiego", PETER.id, b"x" * 64).line
    parsed = SignedNote.parse(note(same_name, same_id, PETER_LINE))
    assert parsed.verify([PETER]) == (PETER,)
    with pytest.raises(Rejected):
        SignedNote.parse(note(same_name, same_id)).verify([PETER])


def test_two_signatures_by_one_key_are_rejected() -> None:
    forged = NoteSignature("PeterNeumann", PETER.id, b"x" * 64).line
    for lines in ((PETER_LINE, PETER_LINE), (PETER_LINE, forged), (forged, PETER_LINE)):
        with pytest.raises(Rejected, match="signed twice"):
            SignedNote.parse(note(*lines)).verify([PETER])


def test_cosignature_key_does_not_pass_for_a_log_key() -> None:
    other = NoteKey(PETER.name, PETER.public, COSIGNATURE_V1)
    assert other.id != PETER.id
    with pytest.raises(Rejected):
        SignedNote.parse(note(PETER_LINE)).verify([other])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\n\n",
        TEXT.encode(),
        f"{TEXT}\n".encode(),
        note(PETER_LINE)[:-1],
        b"\x01" + note(PETER_LINE),
        note(PETER_LINE).replace(b"\n", b"\r\n"),
        note(PETER_LINE).replace(b"you", b"y\tu"),
        b"\xff" + note(PETER_LINE),
        note("— Bad Name " + PETER_LINE.split(" ")[2]),
        note("— Bad+Name " + PETER_LINE.split(" ")[2]),
        note("— Bad\u2003Name " + PETER_LINE.split(" ")[2]),
        note("—  " + PETER_LINE.split(" ")[2]),
        note(PETER_LINE, "Unexpected line.\n"),
        note(PETER_LINE.replace("—", "-")),
        note(PETER_LINE.replace("= \n", "\n")).replace(b"=", b""),
        note(PETER_LINE.replace("AM=", "AN=")),
        note(PETER_LINE.replace("AM=", "AM==")),
        note("— PeterNeumann x08gow==\n"),
        note("— PeterNeumann \n"),
        note("— PeterNeumann\n"),
    ],
    ids=range(22),
)
def test_malformed_note_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        SignedNote.parse(data)


def test_sixteen_signatures_are_read_and_a_flood_is_refused() -> None:
    lines = [NoteSignature(f"witness.example/{i}", b"\0\0\0\1", b"x" * 4900).line for i in range(15)]
    assert SignedNote.parse(note(PETER_LINE, *lines)).verify([PETER]) == (PETER,)
    flood = [NoteSignature(f"w{i}", b"\0\0\0\1", b"x").line for i in range(MAX_SIGNATURES + 1)]
    with pytest.raises(LimitExceeded):
        SignedNote.parse(note(*flood))
    with pytest.raises(LimitExceeded):
        SignedNote.parse(b"x" * MAX_NOTE_BYTES + note(PETER_LINE))


@pytest.mark.parametrize("text", ["no newline", "control\x00\n", "lone\ud800\n"])
def test_text_that_cannot_be_a_note_is_not_signed(text: str) -> None:
    signer = NoteSigner.of("PeterNeumann", Ed25519PrivateKey.from_private_bytes(PETER_SEED))
    with pytest.raises(InputError):
        sign_note(text, signer)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\x01", "\ud800"])
def test_bad_key_name_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        check_key_name(name)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a3+",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_mangled_verifier_key_is_refused(vkey: str) -> None:
    with pytest.raises(InputError):
        NoteKey.from_vkey(vkey)


def test_only_ed25519_keys_sign_notes() -> None:
    pem = (
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    for bad in (pem, b"", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"):
        with pytest.raises(InputError):
            NoteKey.from_pem("name", bad)


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
@example(note(PETER_LINE))
def test_parser_raises_only_our_errors(data: bytes) -> None:
    try:
        parsed = SignedNote.parse(data)
    except InputError:
        return
    assert parsed.to_bytes() == data


@given(st.data())
def test_one_changed_byte_never_verifies(data: st.DataObject) -> None:
    whole = note(PETER_LINE)
    at = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != whole[at]))
    changed = whole[:at] + bytes([byte]) + whole[at + 1 :]
    with pytest.raises(ModelwardError):
        SignedNote.parse(changed).verify([PETER])


@given(st.text(max_size=80).map(lambda text: text + "\n"))
@settings(max_examples=200, deadline=None)
def test_whatever_is_signed_parses_and_verifies(text: str) -> None:
    signer = NoteSigner.of("PeterNeumann", Ed25519PrivateKey.from_private_bytes(PETER_SEED))
    try:
        signed = sign_note(text, signer)
    except InputError:
        return
    parsed = SignedNote.parse(signed)
    assert parsed.text == text
    assert parsed.verify([PETER]) == (PETER,)
