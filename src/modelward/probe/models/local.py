"""A model in a directory, opened without running any code of it.

Only files that hold no code are shown to the libraries that load models: configuration, tokenizer, weights in
safetensors or ONNX. Each must be clean by the scanner; code that a configuration names is refused.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from modelward.core import strict_json
from modelward.core.errors import InputError, Rejected
from modelward.core.finding import Verdict

CONFIG, ADAPTER = "config.json", "adapter_config.json"
_NAMES = frozenset(
    {
        CONFIG, "generation_config.json", "tokenizer.json", "tokenizer_config.json",
        "special_tokens_map.json", "added_tokens.json", "vocab.json", "vocab.txt", "merges.txt",
        "chat_template.jinja", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model",
        "model.safetensors.index.json",
    }
)  # fmt: skip
_SUFFIXES = (".safetensors", ".onnx", ".onnx_data")
#: Word lists, of which no reader makes anything but words.
_PLAIN = frozenset({"vocab.txt", "merges.txt"})
MAX_CONFIG = 16 << 20


def files(path: Path) -> list[Path]:
    """The files of a model's directory that may be loaded. Raises InputError."""
    try:
        return sorted(
            entry
            for entry in path.iterdir()
            if entry.is_file() and (entry.name in _NAMES or entry.name.endswith(_SUFFIXES))
        )
    except OSError as error:
        raise InputError(f"cannot read it: {error.strerror}", where=str(path)) from None


def config(path: Path, name: str = CONFIG) -> dict[str, Any]:
    """A configuration file of a model's directory. Raises InputError."""
    place = path / name
    try:
        with place.open("rb") as file:
            value = strict_json.loads(file.read(MAX_CONFIG + 1), what="it", max_bytes=MAX_CONFIG)
    except OSError as error:
        raise InputError(f"cannot read it: {error.strerror}", where=str(place)) from None
    except InputError as error:
        error.where = str(place)
        raise
    if not isinstance(value, dict):
        raise InputError("it is not a JSON object", where=str(place))
    return value


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """A directory that shows only what may be loaded of `path`, after the scanner's verdict on each file.

    Raises Rejected for a file that is not clean, InputError.
    """
    from modelward.scan.engine import scan

    shown = files(path)
    before = [_stamp(file) for file in shown]
    for file in shown:
        _refuse_code(file)
        report = scan(file)
        plain = file.name in _PLAIN and report.verdict is Verdict.INCOMPLETE
        if report.verdict is not Verdict.CLEAN and not plain:
            first = report.findings[0].message if report.findings else "not all of it could be examined"
            raise Rejected(
                f"it is {report.verdict.value}, so it is not loaded: {first}",
                where=str(file),
                help=f"modelward scan {path} shows why",
            )
    with tempfile.TemporaryDirectory(prefix="modelward-probe-") as place:
        for file in shown:
            os.symlink(os.path.realpath(file), Path(place, file.name))
        yield Path(place)
    if [_stamp(file) for file in shown] != before:
        raise InputError("its files changed while they were read", where=str(path), help="probe it again")


def _refuse_code(file: Path) -> None:
    """Code that the configuration names would be run by a loader that is asked to; ours is never asked."""
    if file.suffix == ".json" and file.name in (CONFIG, "tokenizer_config.json"):
        found = config(file.parent, file.name)
        kernels = [found.get(name) for name in ("attn_implementation", "_attn_implementation")]
        if (
            "auto_map" in found
            or "custom_pipelines" in found
            or any("/" in str(kernel) for kernel in kernels)
        ):
            raise Rejected(
                "it names code of its own, which is never run",
                where=str(file),
                help="probe it behind a chat endpoint, in a place where its code may run",
            )


def _stamp(file: Path) -> tuple[int, int, int]:
    status = file.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns
