"""Licences as people write them, as SPDX identifiers where that is certain.

Only the identifiers below are known; any other licence is carried by its name.
Source: https://spdx.org/licenses/
"""

from __future__ import annotations

_IDENTIFIERS = """
0BSD AFL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-2.0 Artistic-2.0 BSD-2-Clause BSD-3-Clause
BSD-3-Clause-Clear BSL-1.0 CC-BY-2.0 CC-BY-3.0 CC-BY-4.0 CC-BY-NC-2.0 CC-BY-NC-3.0 CC-BY-NC-4.0
CC-BY-NC-ND-4.0 CC-BY-NC-SA-2.0 CC-BY-NC-SA-3.0 CC-BY-NC-SA-4.0 CC-BY-ND-4.0 CC-BY-SA-3.0
CC-BY-SA-4.0 CC0-1.0 CDLA-Permissive-1.0 CDLA-Permissive-2.0 CDLA-Sharing-1.0 ECL-2.0 EPL-2.0
EUPL-1.2 GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later ISC LGPL-2.1-only LGPL-3.0-only
MIT MPL-2.0 MS-PL NCSA ODC-By-1.0 ODbL-1.0 OFL-1.1 OSL-3.0 PDDL-1.0 PostgreSQL Unlicense WTFPL Zlib
"""
_KNOWN = {identifier.lower(): identifier for identifier in _IDENTIFIERS.split()}
#: Names that the Hugging Face Hub uses for one exact licence.
_OTHER_NAMES = {
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "cc-by-4": "CC-BY-4.0",
    "cc0": "CC0-1.0",
    "mit license": "MIT",
    "odbl": "ODbL-1.0",
    "odc-by": "ODC-By-1.0",
    "pddl": "PDDL-1.0",
}


def spdx_id(licence: str) -> str | None:
    """The SPDX identifier of a licence, or None if it is not certainly one."""
    folded = licence.strip().lower()
    return _KNOWN.get(folded) or _OTHER_NAMES.get(folded)
