"""`modelward sign`."""

from __future__ import annotations

import json

import pytest

from modelward.artifact.hashing import digest_of
from modelward.attest.bundle import Bundle
from modelward.attest.keys.file import generate, write_key
from modelward.attest.oms import verify_oms
from modelward.attest.predicates import PREDICATES
from modelward.cli.home import Home
from modelward.cli.sign import _known_type

EVALUATION = {
    "harness": {"name": "harness", "digest": "sha256:" + "1" * 64},
    "data": {"name": "data", "digest": "sha256:" + "2" * 64},
    "report": "sha256:" + "3" * 64,
    "metrics": {"f1": 0.9},
    "evaluatedAt": "2026-11-22T09:14:00Z",
}


@pytest.fixture
def public():
    """The default signer's key."""
    home = Home.open()
    made = write_key(home.key_path("alice"), generate(), None)
    home.write_identity("alice", f"file:{home.key_path('alice')}")
    return made


@pytest.fixture
def model(tmp_path):
    directory = tmp_path / "scorer"
    (directory / "sub").mkdir(parents=True)
    (directory / "model.safetensors").write_bytes(b"weights")
    (directory / "sub" / "config.json").write_bytes(b"{}")
    return directory


def test_signature_lies_beside_the_model(command, model, public):
    done = command("sign", model)
    assert (done.code, done.err) == (0, "")
    assert public.label in done.out
    signature = model.parent / "model.sig"
    assert verify_oms(model, signature.read_bytes(), [public]).artifact == digest_of(model)


def test_signature_in_the_model_leaves_itself_out(command, model, public):
    inside = model / "model.sig"
    assert command("sign", model, "--output", inside).code == 0
    assert verify_oms(model, inside.read_bytes(), [public], signature_path=inside).files == 2
    assert command("sign", model, "--output", inside, "--force").code == 0
    assert verify_oms(model, inside.read_bytes(), [public], signature_path=inside).files == 2


def test_existing_file_is_replaced_only_when_told(command, model, public):
    existing = model.parent / "model.sig"
    existing.write_bytes(b"precious")
    done = command("sign", model)
    assert done.code == 2
    assert "--force" in done.err
    assert existing.read_bytes() == b"precious"
    assert command("sign", model, "--force").code == 0
    assert verify_oms(model, existing.read_bytes(), [public])


def test_named_key_is_used(command, model, public, tmp_path):
    other = write_key(tmp_path / "other.pem", generate("ecdsa-p384"), None)
    told = json.loads(command("sign", model, "--key", tmp_path / "other.pem", "--json").out)
    assert told["key_id"] == other.id
    assert told["type"] == "https://model_signing/signature/v1.0"


def test_without_a_key_nothing_is_written(command, model):
    done = command("sign", model)
    assert (done.code, done.out) == (2, "")
    assert "modelward key new" in done.err
    assert not (model.parent / "model.sig").exists()


def test_what_is_left_out_is_said(command, model, public):
    (model / "cache").mkdir()
    (model / "cache" / "x").write_bytes(b"x")
    done = command("sign", model, "--ignore", "cache")
    assert done.code == 0
    assert "not signed: cache" in done.err


def test_git_files_are_signed_and_model_signing_users_told(command, model, public):
    (model / ".gitattributes").write_bytes(b"* binary")
    done = command("sign", model)
    assert "--no-ignore-git-paths" in done.err
    assert verify_oms(model, (model.parent / "model.sig").read_bytes(), [public]).files == 3


@pytest.mark.parametrize("kind", ["evaluation", "https://modelward.dev/attestation/evaluation/v1"])
def test_statement_about_a_model_is_signed(command, model, public, tmp_path, kind):
    (tmp_path / "evaluation.json").write_text(json.dumps(EVALUATION))
    done = command("sign", model, "--predicate", tmp_path / "evaluation.json", "--type", kind, "--json")
    assert (done.code, done.err) == (0, "")
    bundle = Bundle.from_bytes((tmp_path / "scorer.evaluation.sigstore.json").read_bytes())
    bundle.check_signature(public)
    assert bundle.statement.subject == digest_of(model)
    assert bundle.statement.predicate == EVALUATION
    assert json.loads(done.out)["statement"] == str(bundle.statement_id)


@pytest.mark.parametrize(
    "predicate",
    [
        json.dumps(EVALUATION | {"extra": 1}),
        json.dumps({key: value for key, value in EVALUATION.items() if key != "harness"}),
        json.dumps(EVALUATION).replace("0.9", "NaN"),
        "[]",
        "{",
        "",
    ],
)
def test_predicate_that_does_not_fit_its_type_is_not_signed(command, model, public, tmp_path, predicate):
    (tmp_path / "p.json").write_text(predicate)
    done = command("sign", model, "--predicate", tmp_path / "p.json", "--type", "evaluation")
    assert (done.code, done.out) == (2, "")
    assert "p.json" in done.err
    assert not list(tmp_path.glob("*.sigstore.json"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["--type", "evaluation"],
        ["--predicate", "p.json"],
        ["--predicate", "p.json", "--type", "opinion"],
        ["--predicate", "p.json", "--type", "signature"],
        ["--predicate", "p.json", "--type", "evaluation", "--ignore", "x"],
    ],
)
def test_mistaken_command_is_refused(command, model, public, arguments):
    done = command("sign", model, *arguments)
    assert (done.code, done.out) == (2, "")


def test_every_predicate_type_has_a_short_name_of_its_own():
    names = {_known_type(kind) for kind in PREDICATES if "model_signing" not in kind}
    assert len(names) == len(PREDICATES) - 1


def test_timestamp_authority_that_does_not_answer_leaves_nothing_behind(command, model, public):
    done = command("sign", model, "--timestamp", "http://127.0.0.1:1/")
    assert done.code == 2
    assert not (model.parent / "model.sig").exists()


def test_hostile_file_name_is_escaped(command, model, public):
    (model / "a\x1b[31mb").write_bytes(b"")
    done = command("sign", model)
    assert done.code == 2
    assert "\x1b" not in done.out + done.err
