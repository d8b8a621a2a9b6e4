"""`import modelward` costs nothing, and gives what the documentation names."""

from __future__ import annotations

import subprocess
import sys

import pytest

import modelward

#: Packages that nobody needs who only imports modelward.
HEAVY = ("click", "cryptography", "msgspec", "numpy", "sqlalchemy", "modelward.core", "modelward.deploy")

#: What a serving host must not need to verify or load.
UNUSED = ("alembic", "cedarpy", "cel_expr_python", "click", "obstore", "pyarrow", "sqlalchemy", "tqdm")


def loaded_by(program: str) -> set[str]:
    """Which modules a fresh process has after the program."""
    run = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(run.stdout.split())


def test_importing_it_imports_nothing_else() -> None:
    assert loaded_by("import modelward") & set(HEAVY) == set()


def test_a_name_is_imported_when_it_is_used() -> None:
    assert "modelward.core.errors" in loaded_by("import modelward; modelward.Rejected")


def test_loading_needs_little() -> None:
    loaded = loaded_by("import modelward; modelward.load, modelward.verify, modelward.LoadedModel")
    assert loaded & {*UNUSED, "numpy"} == set()
    parts = {"modelward.registry", "modelward.data", "modelward.scan", "modelward.bom", "modelward.cli"}
    assert loaded & parts == set()


def test_every_public_name_is_there() -> None:
    assert len(modelward.__all__) <= 12
    assert set(modelward.__all__) <= set(dir(modelward))
    for name in modelward.__all__:
        assert getattr(modelward, name) is not None


def test_no_public_name_is_a_part_of_the_package() -> None:
    """A subpackage, once imported, would take the name's place. `scan` may: it can be called (ADR 0005)."""
    import pkgutil

    parts = {module.name for module in pkgutil.iter_modules(modelward.__path__)}
    assert parts & set(modelward.__all__) == {"scan"}
    assert callable(modelward.scan)


def test_an_unknown_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        modelward.nothing  # noqa: B018


def test_subpackages_are_imported_as_ever() -> None:
    import modelward.scan

    assert modelward.scan.__name__ == "modelward.scan"
