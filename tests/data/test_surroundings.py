from __future__ import annotations

from pathlib import Path

from modelward.core.digest import Digest
from modelward.data import surroundings


def test_the_code_is_the_file_of_the_function() -> None:
    (code,) = surroundings.of(test_the_code_is_the_file_of_the_function)["code"]
    assert code.name == "test_surroundings.py:test_the_code_is_the_file_of_the_function"
    assert code.digest == str(Digest.sha256(Path(__file__).read_bytes()))


def test_what_has_no_source_has_no_code() -> None:
    assert surroundings.of(len)["code"] == ()


def test_the_environment_is_the_packages() -> None:
    assert surroundings.environment() == surroundings.environment()
    assert surroundings.environment().name.startswith("packages of cpython 3.")
