from __future__ import annotations

import pytest
from tests.formats.assemble import (
    EMPTY_DICT,
    EMPTY_TUPLE,
    SHELL,
    fetch,
    number,
    pickle,
    run,
    storage,
    text,
    tup,
)

from modelward.formats.torch_package import PackageCheckpoint, modules, root_of


def unpacked(function: bytes) -> bytes:
    return tup(text("reduce_package"), number(0), function, EMPTY_TUPLE) + b"Q"


@pytest.mark.parametrize(
    ("made", "allowed"),
    [
        (fetch("my.model", "Net") + EMPTY_TUPLE + b"\x81" + EMPTY_DICT + b"b", True),
        (unpacked(fetch("torch.fx.graph_module", "reduce_package_graph_module")), True),
        (unpacked(fetch("my.model", "run")), False),
        (unpacked(fetch("os", "system")), False),
        (fetch("other.model", "Net"), False),
        (fetch("__torch__.m", "Net"), True),
        (storage(), False),
        (SHELL, False),
    ],
)
def test_what_a_pickle_may_use_of_its_package(made: bytes, allowed: bool) -> None:
    _, events = run(pickle(made))
    checkpoint = PackageCheckpoint(modules=frozenset({"my.model", "os", "posix"}))
    assert all(checkpoint.means(event.target) for event in events) is allowed


def test_modules() -> None:
    assert modules(["a/b.py", "a/__init__.py", "c.py", "c.txt"]) == {"a.b", "a", "c"}


@pytest.mark.parametrize(
    ("names", "root"),
    [
        (["p/.data/extern_modules", "p/a.py"], "p/"),
        (["p/.data/extern_modules", "p/data.pkl"], None),
        (["p/.data/version"], None),
    ],
)
def test_archives(names: list[str], root: str | None) -> None:
    assert root_of(names) == root
