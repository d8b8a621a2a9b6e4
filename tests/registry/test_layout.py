"""Where a registry keeps its parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.registry.layout import Layout

LAYOUT = Layout(Path("reg"))


def test_parts_have_fixed_places() -> None:
    digest = Digest("sha256", "ab" * 32)
    assert LAYOUT.policy(digest) == Path("reg/policies", "ab" * 32 + ".toml")
    assert LAYOUT.bundle(digest, "cd" * 32) == Path("reg/statements/ab", "ab" * 32, "cd" * 32 + ".json")
    assert LAYOUT.release("fraud", "production") == Path("reg/releases/fraud/production.json")


@pytest.mark.parametrize(
    "name", ["..", ".", "", "a/b", "../../etc/passwd", "a\x00b", ".hidden", "-x", "a" * 129]
)
def test_a_model_or_stage_cannot_lead_out_of_the_registry(name: str) -> None:
    with pytest.raises(InputError, match="not a model or stage name"):
        LAYOUT.release(name, "production")
    with pytest.raises(InputError, match="not a model or stage name"):
        LAYOUT.release("fraud", name)


def test_settings_make_a_registry(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    assert not layout.exists
    layout.settings.write_text("")
    assert layout.exists
