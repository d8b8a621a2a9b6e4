"""A real timestamp authority (`openssl ts -reply`), and a model with the keys to sign it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.attest.model_signatures import CURVES, FILES, plant, write_pair

from modelward.attest.keys.file import PrivateKeySigner, generate
from modelward.attest.oms import sign_oms

_CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {directory}/serial
signer_cert = {directory}/signer.pem
signer_key = {directory}/signer.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True)
class Tsa:
    """A timestamp authority in a directory. `Tsa.respond` is what `request_token` takes."""

    directory: Path
    certificates: tuple[str, ...]

    @classmethod
    def create(
        cls,
        directory: Path,
        *,
        valid: tuple[int, int] = (-1, 365),
        usage: x509.ObjectIdentifier = x509.ExtendedKeyUsageOID.TIME_STAMPING,
        critical: bool = True,
    ) -> Tsa:
        """`valid` is when the signer's certificate begins and ends, in days from now."""
        if shutil.which("openssl") is None:
            pytest.skip("skipped: needs openssl")
        directory.mkdir(parents=True)
        root_key, signer_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        root_name, signer_name = (_name(f"{directory.name} {what}") for what in ("root", "signer"))
        begin, end = (datetime.now(UTC) + timedelta(days=day) for day in (min(valid[0], -1), 3650))
        root = (
            _builder(root_name, root_name, root_key, begin, end)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(root_key, hashes.SHA256())
        )
        begin, end = (datetime.now(UTC) + timedelta(days=day) for day in valid)
        signer = (
            _builder(signer_name, root_name, signer_key, begin, end)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=critical)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .sign(root_key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        (directory / "signer.pem").write_bytes(signer.public_bytes(pem))
        (directory / "signer.key").write_bytes(
            signer_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        (directory / "serial").write_text("01\n")
        (directory / "tsa.cnf").write_text(_CONFIG.format(directory=directory))
        return cls(directory, (root.public_bytes(pem).decode(),))

    def respond(self, request: bytes) -> bytes:
        """The DER TimeStampResp to a DER TimeStampReq."""
        (self.directory / "request").write_bytes(request)
        command = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "request", "-out", "reply"]
        subprocess.run(command, cwd=self.directory, check=True, capture_output=True)
        return (self.directory / "reply").read_bytes()

    def sign_as_token(self, info: bytes) -> bytes:
        """A DER TimeStampResp over any TSTInfo, by a certificate of any purpose: `ts` refuses that."""
        (self.directory / "info").write_bytes(info)
        command = ["openssl", "cms", "-sign", "-binary", "-nodetach", "-in", "info", "-outform", "DER"]
        command += ["-signer", "signer.pem", "-inkey", "signer.key", "-md", "sha256", "-out", "cms"]
        command += ["-econtent_type", "1.2.840.113549.1.9.16.1.4"]
        subprocess.run(command, cwd=self.directory, check=True, capture_output=True)
        body = bytes.fromhex("3003020100") + (self.directory / "cms").read_bytes()
        return b"\x30\x82" + len(body).to_bytes(2, "big") + body


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, begin: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
    )


@pytest.fixture(scope="session")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Tsa:
    """A timestamp authority in good standing."""
    return Tsa.create(tmp_path_factory.mktemp("tsa") / "good")


@pytest.fixture
def make_tsa(tmp_path: Path):
    """Make another authority: `make_tsa(name, **options of Tsa.create)`."""
    return lambda name, **options: Tsa.create(tmp_path / name, **options)


@pytest.fixture
def model(tmp_path):
    """A directory with `model_signatures.FILES`."""
    directory = tmp_path / "fraud-scorer"
    plant(directory, FILES)
    return directory


@pytest.fixture(scope="session")
def signer():
    """A P-256 key."""
    return PrivateKeySigner(generate())


@pytest.fixture(scope="session")
def keys(signer):
    """What `verify_oms` takes: the one key of `signer`."""
    return [signer.public]


@pytest.fixture
def signature(model, signer):
    """The OMS signature of `model` by `signer`."""
    return sign_oms(model, signer).to_bytes()


@pytest.fixture(scope="session")
def reference():
    """The reference package."""
    return pytest.importorskip("model_signing", reason="skipped: needs model-signing and pyOpenSSL")


@pytest.fixture(scope="session")
def curve_keys(tmp_path_factory):
    """Curve -> (private key file, public key file)."""
    directory = tmp_path_factory.mktemp("curves")
    return {name: write_pair(directory, name, curve) for name, curve in CURVES.items()}
