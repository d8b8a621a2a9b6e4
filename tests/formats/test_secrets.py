from __future__ import annotations

import pytest

from modelward.formats.secrets import findings

LETTERS = "qWeRtYuIoPaSdFgHjKlZxCvBnMqWeRtYuI"


@pytest.mark.parametrize(
    "text",
    [
        "hf_" + LETTERS,
        "token: ghp_" + LETTERS + "99",
        "AKIA" + "Q3EGRIUTZ2K7WMLP",
        "-----BEGIN RSA PRIVATE " + "KEY-----\n" + "MIIEow" * 20,
    ],
)
def test_keys_and_tokens(text: str) -> None:
    (found,) = findings(f"first line\n{text}\n")
    assert found.line == 2
    assert LETTERS not in found.shown


@pytest.mark.parametrize(
    "text",
    [
        "hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "AKIAIOSFODNN7EXAMPLE",
        "hf_short",
        "-----BEGIN PUBLIC KEY-----",
        "sk-learn",
    ],
)
def test_near_miss_examples(text: str) -> None:
    assert list(findings(text)) == []
