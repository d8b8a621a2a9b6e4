from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.core.digest import HEX_LENGTHS, Digest
from modelward.core.errors import InputError

HEX = "ab" * 32


def test_text_form_round_trips() -> None:
    digest = Digest.sha256(b"weights")
    assert digest.value == hashlib.sha256(b"weights").hexdigest()
    assert Digest.parse(str(digest)) == digest
    assert Digest.from_set(digest.as_set()) == digest
    assert digest.raw == hashlib.sha256(b"weights").digest()


def test_tree_digest_is_never_taken_for_its_manifest_file() -> None:
    assert Digest("sha256", HEX) != Digest("dirHash", HEX)
    assert len({Digest("sha256", HEX), Digest("dirHash", HEX)}) == 2


@pytest.mark.parametrize(
    ("algorithm", "value"),
    [
        ("sha256", HEX.upper()),
        ("sha256", HEX[:-1]),
        ("sha256", HEX + "a"),
        ("sha256", HEX[:-1] + "\n"),
        ("sha256", HEX[:-1] + "٣"),
        ("sha256", ""),
        ("gitCommit", HEX),
        ("md5", "ab" * 16),
        ("SHA256", HEX),
        ("", HEX),
    ],
)
def test_malformed_digest_is_refused(algorithm: str, value: str) -> None:
    with pytest.raises(InputError):
        Digest(algorithm, value)


@pytest.mark.parametrize(
    "text", ["", HEX, "sha256", f"sha256={HEX}", f"sha256:{HEX} ", f"sha256:sha256:{HEX}"]
)
def test_text_that_is_no_digest_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        Digest.parse(text)


@pytest.mark.parametrize("digests", [{}, {"sha256": HEX, "dirHash": HEX}])
def test_digest_set_names_exactly_one(digests: dict[str, str]) -> None:
    with pytest.raises(InputError, match="exactly one"):
        Digest.from_set(digests)


def test_short_form_keeps_the_algorithm() -> None:
    assert Digest("dirHash", HEX).short == "dirHash:abab…abab"


@given(
    st.text() | st.sampled_from(sorted(HEX_LENGTHS)).flatmap(lambda name: st.text().map(f"{name}:".__add__))
)
def test_parse_accepts_only_what_it_writes(text: str) -> None:
    try:
        digest = Digest.parse(text)
    except InputError:
        return
    assert str(digest) == text
