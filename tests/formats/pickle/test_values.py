from __future__ import annotations

import pytest

from modelward.core.errors import LimitExceeded
from modelward.formats.pickle.values import Blob, Global
from modelward.formats.source import BytesSource


@pytest.mark.parametrize(
    ("module", "name", "canonical"),
    [
        ("__builtin__", "eval", ("builtins", "eval")),
        ("copy_reg", "_reconstructor", ("copyreg", "_reconstructor")),
        ("itertools", "izip", ("builtins", "zip")),
        ("posix", "system", ("posix", "system")),
    ],
)
def test_names_of_python_2_are_those_of_python_3(module: str, name: str, canonical: tuple[str, str]) -> None:
    assert Global(module, name, 0).canonical == canonical


def test_blob_is_loaded_only_within_the_limit() -> None:
    blob = Blob("bytes", BytesSource(b"0123456789"), 2, 5)
    assert blob.load(5) == b"23456"
    assert blob.as_source().read(1, 2) == b"34"
    with pytest.raises(LimitExceeded):
        blob.load(4)
