from __future__ import annotations

import pytest

from modelward.formats.startup import is_known

SHIM = (
    "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; "
    "enabled and __import__('_distutils_hack').add_shim(); "
)
NAMESPACE = (
    "import sys, types, os;has_mfs = sys.version_info > (3, 5);"
    "p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('google',));"
    "importlib = has_mfs and __import__('importlib.util');"
    "has_mfs and __import__('importlib.machinery');"
    "m = has_mfs and sys.modules.setdefault('google', importlib.util.module_from_spec("
    "importlib.machinery.PathFinder.find_spec('google', [os.path.dirname(p)])));"
    "m = m or sys.modules.setdefault('google', types.ModuleType('google'));"
    "mp = (m or []) and m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p)"
)
COVERAGE = (
    'import sys; exec(\'import os\\n\\nif os.getenv("COVERAGE_PROCESS_START") or '
    'os.getenv("COVERAGE_PROCESS_CONFIG"):\\n try:\\n  import coverage\\n except:\\n  pass\\n else:\\n  '
    'coverage.process_startup(slug="pth")\')'
)


@pytest.mark.parametrize(
    "line",
    [
        SHIM,
        SHIM.replace("'local') ==", "'stdlib') =="),
        "import _virtualenv",
        "import coverage; coverage.process_startup()",
        "import __editable___thing_0_1_finder; __editable___thing_0_1_finder.install()",
        NAMESPACE,
        COVERAGE,
    ],
)
def test_lines_of_packaging_tools(line: str) -> None:
    assert is_known(line)
    assert not is_known(line + "; import os; os.system('id')")
    assert not is_known("import os; os.system('id'); " + line)
    assert not is_known(line + "\nimport os")


@pytest.mark.parametrize(
    "line", ["import os", "import evil", "import _virtualenv.x", SHIM.replace("_distutils_hack", "os")]
)
def test_other_lines(line: str) -> None:
    assert not is_known(line)
