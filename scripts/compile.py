"""Compile the pickle machine with mypyc: `python scripts/compile.py [FOLDER]`.

The result goes into FOLDER, by default the place beside the sources where they look for it, in a folder named
after the sources; what was made of others is deleted there. Needs a C compiler and Python's headers.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

SOURCE = Path(__file__).resolve().parents[1] / "src"
PACKAGE = Path("modelward", "formats", "pickle")
#: What the compiled modules import, and use as any Python object.
IMPORTED = ("modelward/core/errors.py", "modelward/formats/budget.py", "modelward/formats/source.py")
NEEDS = "needs a C compiler, Python's headers, and the packages of requirements/test.txt"

#: What builds the extensions in the current folder. The arguments are the optimisation and the files.
_BUILD = """
import sys
from mypyc.build import mypycify
from setuptools import setup
level, *files = sys.argv[1:]
sys.argv[1:] = ["--quiet", "build_ext", "--inplace"]
setup(ext_modules=mypycify(["--config-file=", *files], opt_level=level, debug_level="0"))
"""


def compiled() -> ModuleType:
    """The module that says what is compiled; it stands on its own, so that a build needs nothing of ours."""
    spec = spec_from_file_location("compiled", SOURCE / PACKAGE / "compiled.py")
    if spec is None or spec.loader is None:
        raise SystemExit("compile: the sources are not here")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def build(root: Path, *, optimise: int = 3) -> Path:
    """Compile into a folder below `root`, unless it is there, and delete what was made of other sources.

    Raises CalledProcessError with what the compilers printed.
    """
    rules = compiled()
    suffix = EXTENSION_SUFFIXES[0]
    folder = root / str(rules.name())
    if not list(folder.glob(f"*__mypyc{suffix}")):
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(scratch)
            files = [str(PACKAGE / f"{module}.py") for module in rules.MODULES]
            for file in (*files, *IMPORTED):
                for package in list(Path(file).parents)[:-1]:
                    (copy / package).mkdir(parents=True, exist_ok=True)
                    (copy / package / "__init__.py").touch()
                shutil.copy(SOURCE / file, copy / file)
            command = [sys.executable, "-c", _BUILD, str(optimise), *files]
            environment = os.environ | {"MYPYPATH": scratch}
            subprocess.run(command, cwd=scratch, env=environment, check=True, capture_output=True, text=True)
            _keep([*copy.glob(f"*{suffix}"), *(copy / PACKAGE).glob(f"*{suffix}")], folder)
    for other in root.iterdir():
        if other != folder and len(other.name) == len(folder.name):
            shutil.rmtree(other, ignore_errors=True)
    return folder


def _keep(libraries: list[Path], folder: Path) -> None:
    """Put the libraries into the folder, which is there with all of them or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=folder.parent))
    new.chmod(0o755)
    for library in libraries:
        shutil.copy(library, new)
    try:
        new.rename(folder)
    except OSError:  # somebody else was faster, or it holds those of another Python
        for library in new.iterdir():
            library.replace(folder / library.name)
        new.rmdir()


def main(arguments: list[str]) -> int:
    """Compile and say where to; 2 if that cannot be done here."""
    root = Path(arguments[0]) if arguments else SOURCE / PACKAGE / str(compiled().FOLDER)
    try:
        print(build(root))
    except subprocess.CalledProcessError as error:
        print(f"{error.stdout}{error.stderr}\ncompile: {NEEDS}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
