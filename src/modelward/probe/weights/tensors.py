"""Tensors of the safetensors files of a directory, one at a time, as numpy arrays. Needs numpy only."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from modelward.core import strict_json
from modelward.core.errors import InputError, LimitExceeded, MissingExtra
from modelward.formats import safetensors
from modelward.formats.source import FileSource

#: A tensor larger than this, as float32, is not held.
MAX_TENSOR = 8 << 30
_FLOATS = {"F16": "<f2", "F32": "<f4", "F64": "<f8"}


@dataclass(frozen=True)
class Place:
    """Where a tensor lies: file, type, shape, first byte, size in bytes."""

    file: int
    dtype: str
    shape: tuple[int, ...]
    begin: int
    size: int


class Weights:
    """The tensors of a model's directory, or of one file, by name."""

    def __init__(self, path: Path) -> None:
        """Read the headers. Raises InputError, LimitExceeded."""
        self.path = path
        self.places: dict[str, Place] = {}
        self._files: list[int] = []
        files = [path] if path.is_file() else sorted(path.glob("*.safetensors"))
        if not files:
            raise InputError("there are no weights in safetensors", where=str(path))
        try:
            for file in files:
                self._add(file)
        except BaseException:
            self.close()
            raise

    def _add(self, file: Path) -> None:
        try:
            descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise InputError(f"cannot read it: {error.strerror}", where=str(file)) from None
        self._files.append(descriptor)
        source = FileSource(descriptor, str(file))
        try:
            for problem in safetensors.problems(source):
                raise InputError(problem.message, help="write it again with the safetensors library")
            start = 8 + int.from_bytes(source.read(0, 8), "little")
            header = strict_json.loads(source.read(8, start - 8), what="its header")
        except InputError as error:
            error.where = str(file)
            raise
        header.pop("__metadata__", None)
        for name, entry in header.items():
            if name in self.places:
                raise InputError(f"two files have a tensor {name[:200]!r}", where=str(self.path))
            begin, end = entry["data_offsets"]
            shape = tuple(entry["shape"])
            self.places[name] = Place(len(self._files) - 1, entry["dtype"], shape, start + begin, end - begin)

    def array(self, name: str) -> Any:
        """A tensor as float32. Raises InputError for a type that holds no numbers of this kind."""
        np = numpy()
        place = self.places[name]
        count = 1
        for size in place.shape:
            count *= size
        if count * 4 > MAX_TENSOR:
            raise LimitExceeded(f"tensor {name[:200]!r} is over {MAX_TENSOR >> 30} GiB", where=str(self.path))
        source = FileSource(self._files[place.file], str(self.path))
        data = source.read(place.begin, place.size)
        if len(data) != place.size:
            raise InputError("it was cut short while it was read", where=str(self.path))
        if place.dtype == "BF16":
            made = (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
        elif place.dtype in _FLOATS:
            made = np.frombuffer(data, _FLOATS[place.dtype]).astype(np.float32)
        else:
            raise InputError(f"tensor {name[:200]!r} is of type {place.dtype}", where=str(self.path))
        if not np.isfinite(made).all():
            raise InputError(f"tensor {name[:200]!r} has values that are not finite", where=str(self.path))
        return made.reshape(place.shape)

    def floats(self) -> list[str]:
        """The names of the tensors that can be read as floats, in their order."""
        return [name for name, place in self.places.items() if place.dtype in (*_FLOATS, "BF16")]

    def close(self) -> None:
        """Close the files."""
        while self._files:
            os.close(self._files.pop())

    def __enter__(self) -> Weights:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def numpy() -> Any:
    """The library. Raises MissingExtra."""
    try:
        import numpy as np
    except ModuleNotFoundError:
        raise MissingExtra("probe", "looking at weights") from None
    return np
