from __future__ import annotations

from importlib import import_module

import pytest

from modelward.core.errors import InputError
from modelward.integrations.remote import SCHEMES, find


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y"])
def test_addresses_that_nobody_knows_are_refused(url: str) -> None:
    with pytest.raises(InputError, match="no way to read"):
        find(url)


def test_every_scheme_has_its_module() -> None:
    assert all(hasattr(import_module(f"modelward.integrations.{name}"), "find") for name in SCHEMES.values())
