"""The compiled form of the pickle machine, where there is one: the same modules, several times as fast.

`scripts/compile.py` makes it with mypyc, in a folder that is named after the sources it is made from. One
made from other sources is never found; the modules as they stand are used.
"""

from __future__ import annotations

import hashlib
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

#: What is compiled, all or nothing: these know the inside of each other's objects.
MODULES = ("values", "tape", "constants", "machine", "instructions", "rush", "stream")
HERE = Path(__file__).parent
FOLDER = "_compiled"


def name() -> str:
    """The name of the folder that holds what is made from these sources."""
    total = hashlib.sha256()
    for module in MODULES:
        data = (HERE / f"{module}.py").read_bytes()
        total.update(f"{module} {len(data)}\n".encode())
        total.update(data)
    return total.hexdigest()[:32]


def prefer(path: list[str], root: Path = HERE / FOLDER) -> bool:
    """Put the compiled modules below `root` before those on a package's path.

    Whether there are any that fit these sources and this Python, and load on this machine.
    """
    suffix = EXTENSION_SUFFIXES[0]
    folder = root / name()
    shared = next(folder.glob(f"*__mypyc{suffix}"), None)
    if shared is None or not all((folder / f"{module}{suffix}").is_file() for module in MODULES):
        return False
    spec = spec_from_file_location(shared.name.removesuffix(suffix), shared)
    if spec is None or spec.loader is None:
        return False
    try:
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
    except ImportError:  # of another C library, say
        return False
    sys.modules[spec.name] = module
    path.insert(0, str(folder))
    return True
