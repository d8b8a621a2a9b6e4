"""RFC 3161 timestamps, from a real authority (`openssl ts`)."""

from __future__ import annotations

import contextlib
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from asn1crypto import tsp
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from modelward.attest.timestamp import MAX_RESPONSE_BYTES, request_token, verify_token
from modelward.core.errors import InputError, LimitExceeded, Rejected, UsageError

SIGNATURE = b"0E\x02\x21 some signature"


@pytest.fixture(scope="module")
def token(tsa):
    return request_token(tsa.respond, SIGNATURE)


@pytest.fixture
def serve():
    """Serve one fixed or computed answer over HTTP; gives the URL."""
    servers = []

    def start(answer, status=200):
        class Authority(BaseHTTPRequestHandler):
            def do_POST(self):
                query = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.headers["Content-Type"] == "application/timestamp-query"
                self.send_response(status)
                self.end_headers()
                self.wfile.write(answer(query))

            def log_message(self, *_):
                pass

        server = HTTPServer(("127.0.0.1", 0), Authority)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/tsr"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_token_tells_when_the_signature_was_made(tsa, token):
    moment = verify_token(token, SIGNATURE, [tsa.certificates])
    assert moment.tzinfo is not None
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=5)


def test_authority_is_asked_over_http(tsa, serve):
    url = serve(tsa.respond)
    assert verify_token(request_token(url, SIGNATURE), SIGNATURE, [tsa.certificates])


def test_any_one_of_several_trusted_authorities_will_do(tsa, token, make_tsa):
    assert verify_token(token, SIGNATURE, [make_tsa("other").certificates, tsa.certificates])


def test_token_of_another_signature_is_rejected(tsa, token):
    with pytest.raises(Rejected, match="not by a trusted authority over this signature"):
        verify_token(token, SIGNATURE + b"!", [tsa.certificates])


def test_token_by_an_untrusted_authority_is_rejected(token, make_tsa):
    with pytest.raises(Rejected):
        verify_token(token, SIGNATURE, [make_tsa("other").certificates])


@pytest.mark.parametrize("authorities", [[], [()]])
def test_without_a_trusted_authority_no_token_counts(token, authorities):
    with pytest.raises(Rejected):
        verify_token(token, SIGNATURE, authorities)


def test_authority_with_an_expired_certificate_is_rejected(make_tsa):
    expired = make_tsa("expired", valid=(-30, -1))
    token = request_token(expired.respond, SIGNATURE)
    with pytest.raises(Rejected, match="expired"):
        verify_token(token, SIGNATURE, [expired.certificates])


def test_authority_whose_certificate_is_not_yet_valid_is_rejected(make_tsa):
    early = make_tsa("early", valid=(1, 30))
    token = request_token(early.respond, SIGNATURE)
    with pytest.raises(Rejected, match="not yet valid"):
        verify_token(token, SIGNATURE, [early.certificates])


def test_token_made_without_the_ts_command_is_accepted_too(make_tsa, token):
    """So that the two refusals below are about the certificate, not about how the token was made."""
    plain = make_tsa("plain")
    assert verify_token(plain.sign_as_token(tst_info(token)), SIGNATURE, [plain.certificates])


def test_certificate_for_another_purpose_cannot_timestamp(make_tsa, token):
    wrong = make_tsa("wrong", usage=x509.ExtendedKeyUsageOID.CODE_SIGNING)
    with pytest.raises(Rejected):
        verify_token(wrong.sign_as_token(tst_info(token)), SIGNATURE, [wrong.certificates])


def test_certificate_whose_purpose_is_not_critical_cannot_timestamp(make_tsa, token):
    lax = make_tsa("lax", critical=False)
    with pytest.raises(Rejected, match="unsuitable certificate purpose"):
        verify_token(lax.sign_as_token(tst_info(token)), SIGNATURE, [lax.certificates])


def tst_info(token):
    """The TSTInfo inside a response."""
    signed = tsp.TimeStampResp.load(token)["time_stamp_token"]["content"]
    return signed["encap_content_info"]["content"].parsed.dump()


def test_every_tampered_byte_of_a_token_is_noticed(tsa, token):
    for position in range(0, len(token), 7):
        damaged = bytearray(token)
        damaged[position] ^= 0x01
        try:
            moment = verify_token(bytes(damaged), SIGNATURE, [tsa.certificates])
        except Rejected:
            continue
        assert moment == verify_token(token, SIGNATURE, [tsa.certificates]), f"byte {position}"


@given(st.binary(max_size=400))
def test_rubbish_is_rejected_and_nothing_else_is_raised(tsa, rubbish):
    with pytest.raises(Rejected):
        verify_token(rubbish, SIGNATURE, [tsa.certificates])


@given(data=st.data())
def test_damaged_tokens_raise_nothing_but_rejections(tsa, token, data):
    start = data.draw(st.integers(0, len(token) - 1))
    length = data.draw(st.integers(0, 40))
    patch = data.draw(st.binary(max_size=40))
    damaged = token[:start] + patch + token[start + length :]
    with contextlib.suppress(Rejected):
        verify_token(damaged, SIGNATURE, [tsa.certificates])


def test_damaged_authority_certificate_is_an_input_error(token):
    with pytest.raises(InputError, match="certificate"):
        verify_token(token, SIGNATURE, [("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",)])


def test_answer_to_another_request_is_not_taken(tsa, token):
    with pytest.raises(InputError, match="answered another request"):
        request_token(lambda query: token, SIGNATURE)


def test_rubbish_answer_is_not_taken():
    with pytest.raises(InputError, match="not a timestamp response"):
        request_token(lambda query: b"nonsense", SIGNATURE)


def test_refusal_of_the_authority_is_told():
    refused = bytes.fromhex("30053003020102")
    with pytest.raises(InputError, match="refused"):
        request_token(lambda query: refused, SIGNATURE)


def test_file_address_is_not_an_authority(tmp_path):
    with pytest.raises(UsageError, match="not an http"):
        request_token(f"file://{tmp_path}", SIGNATURE)


def test_endless_answer_is_cut_off(serve):
    with pytest.raises(LimitExceeded):
        request_token(serve(lambda query: b"0" * (MAX_RESPONSE_BYTES + 1)), SIGNATURE)


@pytest.mark.parametrize("status", [404, 500])
def test_unwilling_server_is_an_input_error(serve, status):
    with pytest.raises(InputError, match="does not answer"):
        request_token(serve(lambda query: b"", status), SIGNATURE)


def test_absent_server_is_an_input_error():
    with pytest.raises(InputError, match="does not answer"):
        request_token("http://127.0.0.1:1/tsr", SIGNATURE)
