"""Files that are nothing but numbers, which another file beside them says how to read."""

from __future__ import annotations

import re

from modelward.core.regex import regex

_SHARD = regex(r".+\.data-\d{5}-of-\d{5}")
_ONNX_DATA = regex(r"(.+\.onnx)[._]data(_\d+)?", re.IGNORECASE)


def data_of(name: str, siblings: frozenset[str]) -> str:
    """What a file's bytes are if no loader takes them for anything else, by its name and its neighbours'."""
    if _SHARD.fullmatch(name):
        return "TensorFlow checkpoint data"
    if name.lower().endswith(".bin") and f"{name[:-4]}.xml" in siblings:
        return "OpenVINO weights"
    match = _ONNX_DATA.fullmatch(name)
    if match is not None and (len(siblings) < 2 or match.group(1) in siblings):
        return "ONNX external data"
    return ""
