"""What must not stand on a command line that is signed and published."""

from __future__ import annotations

import pytest

from modelward.core.errors import UsageError
from modelward.pipeline.secrets import refuse_secrets


@pytest.mark.parametrize(
    "argument",
    [
        "hf_" + "A1" * 17,
        "--token=ghp_" + "a" * 36,
        "github_pat_" + "a" * 40,
        "glpat-" + "x" * 20,
        "AKIA" + "ABCDEFGH12345678",
        "--key=sk-" + "a" * 32,
        "xoxb-123456789012-abc",
        "https://user:hunter2@repo.example/simple",
        "-----BEGIN EC PRIVATE KEY-----",
    ],
)
def test_secret_is_refused_and_not_repeated(argument: str) -> None:
    with pytest.raises(UsageError) as refusal:
        refuse_secrets(["python", argument])
    assert argument not in refusal.value.message


@pytest.mark.parametrize(
    "argument",
    ["train.py", "--lr=1e-4", "https://repo.example/x", "hf_hub", "user@host", "risk-averse-model-name-x"],
)
def test_ordinary_arguments_pass(argument: str) -> None:
    refuse_secrets(["python", argument])
