"""Archives of torch.package: pickles, and the Python modules that their classes come from, in one archive.

Loading an object imports the modules it needs from the archive, so that their code runs; a module named in
`.data/extern_modules` comes from the machine instead (`torch/package/package_importer.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from modelward.formats.pickle import sinks
from modelward.formats.pickle.reach import instance_class
from modelward.formats.pickle.values import Container, Global, Persistent, Value
from modelward.formats.torch import Checkpoint
from modelward.formats.torchscript import ScriptCheckpoint
from modelward.formats.wordlist import words

#: What a package calls with itself for its first argument: these unpack code that is in the same archive.
_UNPACKERS = words(
    "torch.fx.graph_module.reduce_package_graph_module torch.jit._script.unpackage_script_module"
)
_TRACER = "torch.fx._symbolic_trace.Tracer"  # which reads the code of a graph again


class PackageCheckpoint(ScriptCheckpoint):
    """A pickle in a package: it may use what its archive's own modules define, whose code is read."""

    modules: frozenset[str] = frozenset()

    def means(self, value: Value) -> bool:
        """See `Checkpoint.means`."""
        if isinstance(value, Persistent):
            return _unpacks(value.pid) or Checkpoint.means(self, value)
        found = value if isinstance(value, Global) else instance_class(value)
        if found is None:
            return False
        if found.qualname in _UNPACKERS or (value is found and found.qualname == _TRACER):
            return True
        packed = found.module in self.modules and sinks.effect(found.module, found.name) is None
        return packed or ScriptCheckpoint.means(self, value)


def _unpacks(pid: Value) -> bool:
    """`("reduce_package", number, function, arguments)`."""
    if not isinstance(pid, Container) or not pid.whole or len(pid.items) not in (3, 4):
        return False
    function = pid.items[-2]
    return (
        pid.items[0] == "reduce_package" and isinstance(function, Global) and function.qualname in _UNPACKERS
    )


def root_of(names: Sequence[str]) -> str | None:
    """The folder of a package, with its slash, or None if it is not one."""
    known = set(names)
    for name in names:
        root = name[: name.find("/") + 1]
        if f"{root}.data/extern_modules" in known and f"{root}data.pkl" not in known:
            return root
    return None


def modules(names: Iterable[str]) -> frozenset[str]:
    """The modules whose code is in a package, from its members' names below its folder."""
    found = set()
    for name in names:
        if name.endswith(".py"):
            parts = name.removesuffix(".py").removesuffix("/__init__").split("/")
            found.add(".".join(parts))
    return frozenset(found)
