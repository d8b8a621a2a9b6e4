"""log.checkpoint against checkpoints of real logs and the examples of the specifications."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given, settings
from hypothesis import strategies as st

from modelward.core.errors import InputError, Rejected
from modelward.core.merkle import EMPTY_ROOT
from modelward.log.checkpoint import Checkpoint, SignedCheckpoint, sign_checkpoint
from modelward.log.note import COSIGNATURE_V1, NoteKey, NoteSignature, NoteSigner

# Two tree heads that the Go checksum database published, and its key.
GO_KEY = NoteKey.from_vkey("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")
GO_ORIGIN = "go.sum database tree"
GO_NOTES = [
    (
        "go.sum database tree\n6476701\nmb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=\n\n— sum.golang.org"
        " Az3grsLX85Gz+s1SiTbgkuqxgItqFq7gsMUEyVnrsa9LM7Us9S+1xbFIGu95949rj4nPRYfvimWEPWL+o3GeoWwOoAw=\n"
    ),
    (
        "go.sum database tree\n3935567\nSapHtgdNCeF00Cx8kqztePV24kgzNg++Xovae42HAMw=\n\n— sum.golang.org"
        " Az3grsm7Wm4CVNR1RHq9BFnu9jzcRlU2uw7lr0gfUWgO6+rqPNjT+fUTl9gH0NRTgdwW9nItuQSMbhSaLCsk8YeYSAs=\n"
    ),
]
SPEC = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa"
    " Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1"
    " jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIU"
    "BkBIfZ+qnA==\n"
)
MOMENT = datetime(2023, 3, 20, 12, 25, 47, tzinfo=UTC)

log_private = Ed25519PrivateKey.from_private_bytes(b"l" * 32)
witness_private = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
log_signer = NoteSigner.of("example.com/log", log_private)
witness = NoteSigner.of("witness.example/w1", witness_private, COSIGNATURE_V1)
tree = Checkpoint("example.com/log", 42, b"r" * 32)
signed = SignedCheckpoint.parse(sign_checkpoint(tree, log_signer))


@pytest.mark.parametrize("text", GO_NOTES)
def test_checkpoints_of_the_go_checksum_database_verify(text: str) -> None:
    checkpoint = SignedCheckpoint.parse(text.encode()).verify(GO_KEY, origin=GO_ORIGIN)
    assert str(checkpoint.size) == text.split("\n")[1]
    assert checkpoint.text == text.partition("\n\n")[0] + "\n"


def test_specification_example_parses() -> None:
    parsed = SignedCheckpoint.parse(SPEC.encode())
    assert parsed.checkpoint.origin == "example.com/behind-the-sofa"
    assert parsed.checkpoint.size == 20852163
    assert parsed.to_bytes() == SPEC.encode()
    line = parsed.note.signatures[1]
    assert len(line.signature) == 8 + 64
    assert int.from_bytes(line.signature[:8], "big") == int(MOMENT.timestamp())


def test_signed_checkpoint_round_trips() -> None:
    assert signed.verify(log_signer.key) == tree
    extended = Checkpoint("example.com/log", 0, EMPTY_ROOT, ("more", "lines"))
    parsed = SignedCheckpoint.parse(sign_checkpoint(extended, log_signer))
    assert parsed.verify(log_signer.key) == extended


def test_checkpoint_of_another_log_is_rejected() -> None:
    other = Checkpoint("example.com/other", 42, b"r" * 32)
    forged = SignedCheckpoint.parse(sign_checkpoint(other, log_signer))
    with pytest.raises(Rejected, match="is of the log"):
        forged.verify(log_signer.key)


def test_checkpoint_by_another_key_is_rejected() -> None:
    stranger = NoteSigner.of("example.com/log", witness_private)
    with pytest.raises(Rejected, match="no signature by a known key"):
        SignedCheckpoint.parse(sign_checkpoint(tree, stranger)).verify(log_signer.key)


def test_cosignature_signs_time_and_checkpoint() -> None:
    cosigned = SignedCheckpoint.parse(signed.cosign(witness, MOMENT).to_bytes())
    assert cosigned.verify(log_signer.key) == tree
    assert cosigned.cosigned([witness.key]) == [("witness.example/w1", MOMENT)]
    message = f"cosignature/v1\ntime 1679315147\n{tree.text}".encode()
    blob = cosigned.note.signatures[1].signature
    witness_private.public_key().verify(blob[8:], message)


def test_cosignature_with_another_time_is_rejected() -> None:
    line = signed.cosign(witness, MOMENT).note.signatures[1]
    later = (int(MOMENT.timestamp()) + 1).to_bytes(8, "big") + line.signature[8:]
    forged = SignedCheckpoint.parse(
        signed.to_bytes() + NoteSignature(line.name, line.key_id, later).line.encode()
    )
    with pytest.raises(Rejected, match=r"witness\.example"):
        forged.cosigned([witness.key])


def test_cosignature_of_another_checkpoint_is_rejected() -> None:
    line = signed.cosign(witness, MOMENT).note.signatures[1]
    larger = sign_checkpoint(Checkpoint("example.com/log", 43, b"r" * 32), log_signer)
    with pytest.raises(Rejected):
        SignedCheckpoint.parse(larger + line.line.encode()).cosigned([witness.key])


def test_unknown_witness_does_not_count() -> None:
    stranger = NoteKey("witness.example/w2", b"k" * 32, COSIGNATURE_V1)
    assert signed.cosign(witness, MOMENT).cosigned([stranger]) == []
    assert signed.cosigned([witness.key]) == []


def test_one_witness_key_under_two_names_counts_once() -> None:
    second = NoteSigner.of("witness.example/w2", witness_private, COSIGNATURE_V1)
    twice = signed.cosign(witness, MOMENT).cosign(second, MOMENT)
    assert len(twice.cosigned([witness.key, second.key])) == 1
    assert len(twice.cosigned([witness.key, witness.key])) == 1


def test_log_signature_is_no_cosignature() -> None:
    with pytest.raises(InputError, match="cosignature/v1"):
        signed.cosigned([log_signer.key])
    with pytest.raises(InputError, match="cosignature/v1"):
        signed.cosign(log_signer, MOMENT)


@pytest.mark.parametrize("blob", [b"", b"\0" * 8, b"\0" * 71, b"\xff" * 8 + b"s" * 64, b"\0" * 73])
def test_malformed_cosignature_is_rejected(blob: bytes) -> None:
    line = NoteSignature(witness.key.name, witness.key.id, blob or b"\0").line
    with pytest.raises(Rejected):
        SignedCheckpoint.parse(signed.to_bytes() + line.encode()).cosigned([witness.key])


def test_cosignature_at_a_time_beyond_the_calendar_is_rejected() -> None:
    seconds = (1 << 63) - 1
    signature = witness_private.sign(f"cosignature/v1\ntime {seconds}\n{tree.text}".encode())
    line = NoteSignature(witness.key.name, witness.key.id, seconds.to_bytes(8, "big") + signature).line
    with pytest.raises(Rejected, match="time"):
        SignedCheckpoint.parse(signed.to_bytes() + line.encode()).cosigned([witness.key])


ROOT = base64.b64encode(b"r" * 32).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "log\n42\n",
        f"log\n42\n{ROOT}",
        f"\n42\n{ROOT}\n",
        f"log\n042\n{ROOT}\n",
        f"log\n+42\n{ROOT}\n",
        f"log\n-1\n{ROOT}\n",
        f"log\n4_2\n{ROOT}\n",
        f"log\n٤٢\n{ROOT}\n",
        f"log\n\n{ROOT}\n",
        f"log\n9223372036854775808\n{ROOT}\n",
        f"log\n99999999999999999999999\n{ROOT}\n",
        "log\n42\nAAAA\n",
        f"log\n42\n{ROOT[:-1]}\n",
        f"log\n42\n{ROOT} \n",
        f"log\n42\n{ROOT}\n\nextension\n",
        f"log\n42\n{ROOT}\n\n",
    ],
    ids=range(18),
)
def test_malformed_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        Checkpoint.parse(text)


def test_largest_size_is_read() -> None:
    assert Checkpoint.parse(f"log\n9223372036854775807\n{ROOT}\n").size == (1 << 63) - 1
    assert Checkpoint.parse(f"log\n0\n{ROOT}\n").size == 0


@given(st.text(max_size=120))
@example(tree.text)
def test_parser_raises_only_our_errors(text: str) -> None:
    try:
        parsed = Checkpoint.parse(text)
    except InputError:
        return
    assert parsed.text == text


@given(
    st.integers(0, (1 << 63) - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1), max_size=3),
)
@settings(max_examples=100, deadline=None)
def test_every_checkpoint_survives_signing(size: int, root: bytes, extension: list[str]) -> None:
    checkpoint = Checkpoint("example.com/log", size, root, tuple(extension))
    data = sign_checkpoint(checkpoint, log_signer)
    assert SignedCheckpoint.parse(data).verify(log_signer.key) == checkpoint
