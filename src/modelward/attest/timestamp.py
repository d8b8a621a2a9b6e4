"""RFC 3161 timestamps over signatures: proof that a signature existed at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from modelward.core.errors import InputError, LimitExceeded, Rejected, UsageError

#: A timestamp response larger than this is refused.
MAX_RESPONSE_BYTES = 64 << 10

#: Seconds to wait for a timestamp authority.
TIMEOUT_SECONDS = 20


def request_token(authority: str | Callable[[bytes], bytes], signature: bytes) -> bytes:
    """Have `authority` timestamp `signature`; gives the DER TimeStampResp, as Sigstore bundles store it.

    `authority` is an http(s) URL, or a function from the DER TimeStampReq to the DER TimeStampResp.
    The response must be about this very request; whether its signer is trusted is `verify_token`'s question.
    Raises InputError if the authority does not answer properly.
    """
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, decode_timestamp_response

    request = TimestampRequestBuilder().data(signature).hash_algorithm(HashAlgorithm.SHA256).nonce().build()
    where = authority if isinstance(authority, str) else None
    ask = authority if callable(authority) else lambda query: _post(authority, query)
    response = ask(request.as_bytes())
    try:
        answer = decode_timestamp_response(response)
        info = answer.tst_info if answer.status == 0 else None
    except ValueError as error:
        raise InputError(f"not a timestamp response: {error}", where=where) from None
    if info is None:
        raise InputError("the timestamp authority refused the request", where=where)
    if info.nonce != request.nonce or info.message_imprint.message != request.message_imprint.message:
        raise InputError("the timestamp authority answered another request", where=where)
    return response


def _post(url: str, query: bytes) -> bytes:
    import urllib.error
    import urllib.request

    if urlsplit(url).scheme not in ("http", "https"):
        raise UsageError(f"not an http(s) address: {url!r}", help="give a timestamp authority's URL")
    request = urllib.request.Request(  # noqa: S310  (scheme checked above)
        url, data=query, headers={"Content-Type": "application/timestamp-query"}
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as reply:  # noqa: S310
            data: bytes = reply.read(MAX_RESPONSE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise InputError(f"the timestamp authority does not answer: {error}", where=url) from None
    if len(data) > MAX_RESPONSE_BYTES:
        raise LimitExceeded("the timestamp response is too large", where=url)
    return data


def verify_token(token: bytes, signature: bytes, authorities: Sequence[Sequence[str]]) -> datetime:
    """The time at which `signature` existed, according to `token`.

    `token` is a DER TimeStampResp. Each of `authorities` is a sequence of PEM certificates, root first;
    the token must chain to the first one, with every certificate valid at the token's time and a
    critical timeStamping EKU on the signer. Source: RFC 3161 section 2.4.2, RFC 5816.
    Raises Rejected, also when there are no authorities.
    """
    from cryptography import x509
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    if not authorities:
        raise Rejected("no timestamp authority is trusted")
    try:
        response = decode_timestamp_response(token)
    except ValueError as error:
        raise Rejected(f"unreadable timestamp: {error}") from None
    reason = ""
    for certificates in authorities:
        try:
            chain = [x509.load_pem_x509_certificate(pem.encode("utf-8")) for pem in certificates]
        except ValueError as error:
            raise InputError(f"unreadable timestamp authority certificate: {error}") from None
        if not chain:
            continue
        builder = VerifierBuilder().add_root_certificate(chain[0])
        for certificate in chain[1:]:
            builder = builder.add_intermediate_certificate(certificate)
        try:
            builder.build().verify_message(response, signature)
        except (VerificationError, ValueError) as error:
            reason = _words(error)
            continue
        return response.tst_info.gen_time
    raise Rejected(f"the timestamp is not by a trusted authority over this signature: {reason}")


def _words(error: Exception) -> str:
    """What OpenSSL says is wrong, without its stack."""
    text = str(error)
    match = re.search(r'Verify error: ([^"]+)', text) or re.search(r'reason: "([^"]+)"', text)
    return match[1] if match else text
