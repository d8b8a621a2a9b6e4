"""The names of globals as Python 3 understands them."""

from __future__ import annotations

from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING

from modelward.formats.pickle.values import Global


def canonical(found: Global) -> tuple[str, str]:
    """The (module, name) that Python 3 fetches for a name of Python 2, otherwise the name itself."""
    key = (found.module, found.name)
    return NAME_MAPPING.get(key) or (IMPORT_MAPPING.get(found.module, found.module), found.name)
