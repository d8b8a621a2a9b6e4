"""OMS signatures made by the reference package, and forged ones by the right key."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from modelward.attest.bundle import sign_payload
from modelward.attest.keys.public import OMS_ALGORITHMS, PublicKey
from modelward.attest.predicates import OmsSignature
from modelward.attest.statement import Statement
from modelward.core.digest import Digest

FILES = {
    "config.json": b"{}",
    "a.txt": b"beside the directory a",
    "a/weights.bin": bytes(range(256)) * 40,
    "a/empty": b"",
    "zażółć.txt": "ünïcode".encode(),
}
CURVES = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1(), "p521": ec.SECP521R1()}


def plant(directory, files):
    for name, content in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(content)


def sign_with_reference(reference, model, key_files, path, hashing=None):
    config = reference.signing.Config().use_elliptic_key_signer(private_key=key_files[0])
    if hashing is not None:
        config.set_hashing_config(hashing)
    config.sign(model, path)
    public = PublicKey.from_pem(key_files[1].read_bytes(), algorithms=OMS_ALGORITHMS)
    return path.read_bytes(), [public]


def verify_with_reference(reference, model, public_file, path):
    reference.verifying.Config().use_elliptic_key_verifier(public_key=public_file).verify(model, path)


def resource(name, content, algorithm="sha256"):
    return {"name": name, "algorithm": algorithm, "digest": hashlib.sha256(content).hexdigest()}


def forge(signer, resources, *, name="model", root=None, serialization=(), **fields):
    """A signature by the right key over any claim."""
    listed = [item["digest"] for item in resources]
    root = root or Digest.sha256(b"".join(bytes.fromhex(digest) for digest in listed))
    method = {"method": "files", "hash_type": "sha256", "allow_symlinks": False} | dict(serialization)
    predicate = {"serialization": method, "resources": list(resources)} | fields
    claim = Statement(name, root, OmsSignature.TYPE, predicate)
    return sign_payload(claim, claim.to_bytes(), signer, key_id=signer.public.oms_hint).to_bytes()


def forge_files(signer, files, **options):
    return forge(signer, [resource(name, content) for name, content in files.items()], **options)


def write_pair(directory, name, curve):
    """Make a key pair on `curve`; gives (private key file, public key file), in the clear."""
    private = ec.generate_private_key(curve)
    files = (directory / f"{name}.pem", directory / f"{name}.pub")
    files[0].write_bytes(private_pem(private))
    files[1].write_bytes(
        private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    return files


def private_pem(private):
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def certificate_signature(reference, model, directory, *, expired=False, usage=None):
    """A signature with a certificate that `model_signing` makes and accepts; gives it and the leaf's key."""
    now = datetime.now(UTC)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    end = now - timedelta(days=20) if expired else now + timedelta(days=30)
    root, leaf = directory / "root.pem", directory / "leaf.pem"
    root.write_bytes(_certificate("root", root_key, root_key, now + timedelta(days=9), None))
    leaf.write_bytes(_certificate("Mallory", key, root_key, end, usage))
    (directory / "leaf.key").write_bytes(private_pem(key))
    reference.signing.Config().use_certificate_signer(
        private_key=directory / "leaf.key", signing_certificate=leaf, certificate_chain=[root]
    ).sign(model, directory / "model.sig")
    reference.verifying.Config().use_certificate_verifier(certificate_chain=[root]).verify(
        model, directory / "model.sig"
    )
    return (directory / "model.sig").read_bytes(), PublicKey.of(key.public_key())


def _certificate(name, key, root_key, end, usage):
    ca = key is root_key
    flags = dict.fromkeys(
        ["content_commitment", "key_encipherment", "data_encipherment", "key_agreement"], False
    ) | dict.fromkeys(["encipher_only", "decipher_only"], False)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "root")]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=30))
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=True, key_cert_sign=ca, crl_sign=ca, **flags), critical=True
        )
    )
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    return builder.sign(root_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
