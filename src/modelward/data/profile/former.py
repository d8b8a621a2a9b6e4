"""The former profile that a dataset is compared with: a file of `data profile --json`, or another dataset."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from modelward.core.errors import InputError, LimitExceeded
from modelward.core.progress import Progress
from modelward.data.profile import facts
from modelward.data.profile.profile import Options, take

MAX_BYTES = 64 << 20


def read(path: Path) -> facts.Profile | None:
    """The profile in a file; None if the file is something else. Raises InputError, LimitExceeded."""
    if not path.is_file() or path.suffix.lower() != ".json":
        return None
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
    if b"modelward-profile/" not in data:
        return None
    if len(data) > MAX_BYTES:
        raise LimitExceeded(f"the profile is over {MAX_BYTES >> 20} MiB", where=str(path))
    try:
        document: Any = json.loads(data)
        profile = msgspec.convert(document.get("profile", document), facts.Profile)
    except (ValueError, AttributeError, RecursionError, msgspec.ValidationError) as error:
        raise InputError(f"not a valid profile: {error}", where=str(path)) from None
    if profile.format != facts.FORMAT:
        raise InputError(f"a profile of another form: {profile.format[:40]}", where=str(path))
    return profile


def profiled(path: str | os.PathLike[str], options: Options, progress: Progress) -> facts.Profile:
    """The profile of the former dataset: read, or taken with the same options. Raises InputError."""
    known = read(Path(path))
    if known is not None:
        return known
    plan = replace(options.plan, near=False)
    return take(path, "former", replace(options, plan=plan, against=()), progress=progress)
