"""The lines that Python runs whenever it starts: those of `.pth` files that begin with `import`.

A line counts as known where it is, word for word, what a common packaging tool writes. The modules that it
imports are that tool's, or lie beside it and are examined themselves.
"""

from __future__ import annotations

import re

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_KNOWN = (
    # setuptools
    r"import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os\.environ\.get\(var, "
    r"'(local|stdlib)'\) == 'local'; enabled and __import__\('_distutils_hack'\)\.add_shim\(\);? ?",
    rf"import __editable___{_NAME}_finder; __editable___{_NAME}_finder\.install\(\)",
    # setuptools, of packages that share a name
    r"import sys, types, os;\s*has_mfs = sys\.version_info > \(3, 5\);\s*"
    r"p = os\.path\.join\(sys\._getframe\(1\)\.f_locals\['sitedir'\], \*\('[\w.]+',( ?'[\w.]+',?)*\)\);\s*"
    r"importlib = has_mfs and __import__\('importlib\.util'\);\s*"
    r"has_mfs and __import__\('importlib\.machinery'\);\s*"
    r"m = has_mfs and sys\.modules\.setdefault\('[\w.]+', importlib\.util\.module_from_spec\("
    r"importlib\.machinery\.PathFinder\.find_spec\('[\w.]+', \[os\.path\.dirname\(p\)\]\)\)\);\s*"
    r"m = m or sys\.modules\.setdefault\('[\w.]+', types\.ModuleType\('[\w.]+'\)\);\s*"
    r"mp = \(m or \[\]\) and m\.__dict__\.setdefault\('__path__',\s*\[\]\);\s*"
    r"\(p not in mp\) and mp\.append\(p\)(;m and setattr\(sys\.modules\['[\w.]+'\], '[\w.]+', m\))?",
    # virtualenv, coverage, matplotlib
    r"import _virtualenv",
    r"import coverage; coverage\.process_startup\(\)",
    re.escape(
        r"""import sys; exec('import os\n\nif os.getenv("COVERAGE_PROCESS_START") or """
        r"""os.getenv("COVERAGE_PROCESS_CONFIG"):\n try:\n  import coverage\n except:\n  pass\n else:\n  """
        r"""coverage.process_startup(slug="pth")')"""
    ),
)


def is_known(line: str) -> bool:
    """Whether a line is one that packaging tools write."""
    return any(re.fullmatch(known, line.strip()) for known in _KNOWN)
