"""XGBoost's old binary models: structures of C written to disk as they stood. Their counts are checked."""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.errors import InputError
from modelward.formats.facts import Overflow
from modelward.formats.source import Source
from modelward.formats.window import Window

MAX_NAME_BYTES = 256
MAX_TREES = 1 << 24
MAX_NODES = 1 << 28
_LEARNER_BYTES, _BOOSTER_BYTES, _TREE_BYTES, _NODE_BYTES = 136, 160, 148, 20 + 16


class NotXgboost(InputError):
    """The bytes are something else."""


def facts(source: Source) -> Iterator[Overflow]:
    """Counts that no model has. Raises NotXgboost, or InputError where the model breaks off."""
    window = Window(source)
    if window.take(4) == b"bs64":
        raise NotXgboost("it is an XGBoost model in base64")
    window.skip(_LEARNER_BYTES)
    names = []
    for _ in range(2):
        length = window.number(8)
        if length > MAX_NAME_BYTES:
            raise NotXgboost("it has no names of an objective and a booster")
        names.append(window.take(length))
    if not all(name.decode("latin-1").isprintable() for name in names):
        raise NotXgboost("it has no names of an objective and a booster")
    if names[1] not in (b"gbtree", b"dart"):
        return
    trees = int.from_bytes(window.take(_BOOSTER_BYTES)[:4], "little", signed=True)
    if not 0 <= trees <= MAX_TREES:
        yield Overflow("XGBoost", f"it has {trees} trees", window.at - _BOOSTER_BYTES)
        return
    for _ in range(trees):
        at = window.at
        nodes = int.from_bytes(window.take(_TREE_BYTES)[4:8], "little", signed=True)
        if not 0 < nodes <= MAX_NODES:
            yield Overflow("XGBoost", f"a tree has {nodes} nodes", at)
            return
        window.skip(nodes * _NODE_BYTES)
