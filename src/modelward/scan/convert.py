"""Safe conversion: the tensors of a torch checkpoint written as safetensors, with nothing in it called.

It lies here, and not among the formats, because it examines before it reads and writes files. The tensors are
those that `torch.load(weights_only=True)` gives; what is no tensor is left out and named.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from modelward.core import strict_json
from modelward.core.atomic import make_directories, replacing
from modelward.core.errors import InputError, LimitExceeded, Rejected
from modelward.core.finding import Verdict
from modelward.core.progress import Progress, Silent
from modelward.formats.budget import Budget
from modelward.formats.checkpoint import Contents, LeftOut, Tensor, contents
from modelward.formats.checkpoint_file import CheckpointFile, open_checkpoint
from modelward.formats.safetensors_layout import Layout, layout
from modelward.formats.source import FileSource
from modelward.scan.examination import Examination, Place

#: What is written may be this many times what the storages hold: tied weights are written once for each name.
MAX_GROWTH = 8
MAX_INDEX_BYTES = 64 << 20
METADATA = {"format": "pt"}


class Conversion(Struct, frozen=True):
    """One file that was written: from which, what is in it and what is not, and what the scan said of it.

    `copied` has the names of the tensors that share one storage, of which each was written whole.
    """

    source: Path
    path: Path
    verdict: Verdict
    tensors: tuple[Tensor, ...]
    left_out: tuple[LeftOut, ...]
    copied: tuple[tuple[str, ...], ...]

    @property
    def bytes(self) -> int:
        """The bytes of all tensors."""
        return sum(tensor.bytes for tensor in self.tensors)


class Wish(Struct, frozen=True):
    """What a conversion is asked for.

    `only` is the part of the checkpoint to convert, by its name; `force` lets existing files be replaced;
    `even_if_malicious` converts what is known to do harm when it is loaded.
    """

    only: str = ""
    force: bool = False
    even_if_malicious: bool = False


_PLAIN = Wish()


def convert(
    path: Path, out: Path, *, wish: Wish = _PLAIN, progress: Progress | None = None
) -> list[Conversion]:
    """Convert a checkpoint to the file `out`, or a directory of shards and their index into a directory.

    Nothing is written unless everything could be. Raises InputError naming what cannot be converted, Rejected
    for a malicious file, OSError.
    """
    if not path.is_dir():
        _check_free([out], wish)
        return [convert_file(path, out, wish=wish, progress=progress)]
    return _convert_tree(path, out, wish, progress)


def convert_file(
    path: Path, out: Path, *, wish: Wish = _PLAIN, progress: Progress | None = None
) -> Conversion:
    """Convert one checkpoint and write `out`, in place of what is there. Raises as `convert`."""
    watch = progress or Silent()
    with _opened(path) as source:
        verdict = _examined(source, path, wish)
        try:
            file = open_checkpoint(source, Budget())
            found = contents(file.value, file.changes, wish.only)
            _check_size(found, file)
            order = layout(found.tensors, METADATA)
            watch.start(sum(tensor.bytes for tensor in found.tensors))
            _write(file, order, out, watch)
        except InputError as error:
            where = f"{path}: {error.where}" if error.where else str(path)
            raise type(error)(error.message, where=where, help=error.help) from None
        finally:
            watch.done()
    return Conversion(path, out, verdict, order.tensors, tuple(found.left_out), tuple(_shared(found)))


@contextmanager
def _opened(path: Path) -> Iterator[FileSource]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise InputError(f"cannot read it: {error.strerror}", where=str(path)) from None
    try:
        yield FileSource(descriptor, str(path))
    finally:
        os.close(descriptor)


def _examined(source: FileSource, path: Path, wish: Wish) -> Verdict:
    """Scan first: whoever converts a malicious file should know what they hold. Raises Rejected."""
    examination = Examination()
    examination.examine(source, Place(path.name, path.name))
    verdict = examination.report.verdict
    if verdict is Verdict.MALICIOUS and not wish.even_if_malicious:
        first = next(one for one in examination.report.findings if one.severity.value == "error")
        raise Rejected(
            f"this file is malicious: {first.message}",
            where=str(path),
            help="nothing in it was run; modelward scan says more; --even-if-malicious converts its tensors",
        )
    return verdict


def _check_size(found: Contents, file: CheckpointFile) -> None:
    if not found.tensors:
        raise InputError("there is no tensor in it")
    stored = sum(storage.bytes for storage in file.changes.storages.values())
    if sum(tensor.bytes for tensor in found.tensors) > MAX_GROWTH * stored:
        raise LimitExceeded(
            f"its tensors share memory so often that they would take over {MAX_GROWTH} times as much",
            help="convert a part of the checkpoint with --only NAME",
        )


def _shared(found: Contents) -> Iterator[tuple[str, ...]]:
    """Names of the tensors over one storage, where there are several."""
    names: dict[str, list[str]] = {}
    for tensor in found.tensors:
        if tensor.bytes:
            names.setdefault(tensor.storage.key, []).append(tensor.name)
    yield from (tuple(group) for group in names.values() if len(group) > 1)


def _write(file: CheckpointFile, order: Layout, out: Path, progress: Progress) -> None:
    with replacing(out) as stream:
        stream.write(order.header)
        for tensor in order.tensors:
            written = 0
            for piece in file.data(tensor):
                stream.write(piece)
                written += len(piece)
                progress.advance(len(piece))
            if written != tensor.bytes:
                raise InputError("its data end too early", where=tensor.name)


def _check_free(paths: list[Path], wish: Wish) -> None:
    for path in paths:
        if not wish.force and os.path.lexists(path):
            raise InputError("this exists already", where=str(path), help="name another, or add --force")


# directories: shards, and the index that says which tensor is in which


def _convert_tree(path: Path, out: Path, wish: Wish, progress: Progress | None) -> list[Conversion]:
    index = _index_of(path)
    shards = [_only_weights(path)] if index is None else sorted(set(_weight_map(index).values()))
    targets = {shard: out / _renamed(shard) for shard in shards}
    new_index = None if index is None else out / _renamed(index.name)
    _check_free([*targets.values(), *([new_index] if new_index else [])], wish)
    make_directories(out)
    space = Path(tempfile.mkdtemp(prefix=".convert.", dir=out))
    try:
        made = [
            convert_file(path / shard, space / target.name, wish=wish, progress=progress)
            for shard, target in targets.items()
        ]
        if index is not None and new_index is not None:
            _write_index(index, made, space / new_index.name)
        for conversion in made:
            os.replace(conversion.path, out / conversion.path.name)
        if new_index is not None:
            os.replace(space / new_index.name, new_index)
    finally:
        shutil.rmtree(space)
    return [
        Conversion(one.source, out / one.path.name, one.verdict, one.tensors, one.left_out, one.copied)
        for one in made
    ]


def _index_of(path: Path) -> Path | None:
    found = sorted(path.glob("*.bin.index*.json"))
    if len(found) > 1:
        names = ", ".join(one.name for one in found)
        raise InputError(f"there are several indexes: {names}", where=str(path), help="convert file by file")
    return found[0] if found else None


def _only_weights(path: Path) -> str:
    found = sorted(one.name for one in path.glob("*.bin") if one.name not in ("training_args.bin",))
    if len(found) != 1:
        what = "no .bin.index.json and no single .bin file"
        raise InputError(f"there is {what} in it", where=str(path), help="name the checkpoint's file")
    return found[0]


def _weight_map(index: Path) -> dict[str, str]:
    if index.stat().st_size > MAX_INDEX_BYTES:
        raise LimitExceeded(f"it is over {MAX_INDEX_BYTES >> 20} MiB", where=str(index))
    try:
        document = strict_json.loads(index.read_bytes(), what="the index")
    except InputError as error:
        raise InputError(error.message, where=str(index)) from None
    shards = document.get("weight_map") if isinstance(document, dict) else None
    if not isinstance(shards, dict) or not shards:
        raise InputError("it has no weight_map", where=str(index))
    for shard in shards.values():
        if not isinstance(shard, str) or Path(shard).name != shard or not shard.endswith(".bin"):
            raise InputError(f"it names {shard!r}, which is no .bin file beside it", where=str(index))
    return shards


def _renamed(name: str) -> str:
    """The name that transformers gives the same file in safetensors."""
    stem = name.replace(".bin", ".safetensors")
    return stem.removeprefix("pytorch_") if stem.startswith("pytorch_model") else stem


def _write_index(index: Path, made: list[Conversion], out: Path) -> None:
    """The new index says where each tensor was written, and must agree with the old."""
    places: dict[str, str] = {}
    for one in made:
        for tensor in one.tensors:
            if places.setdefault(tensor.name, one.path.name) != one.path.name:
                raise InputError(f"tensor {tensor.name!r} is in two of its files", where=str(index))
    for name, shard in _weight_map(index).items():
        if places.get(name) != _renamed(shard):
            raise InputError(f"tensor {name!r} is not in {shard}, where the index says", where=str(index))
    total = sum(one.bytes for one in made)
    document = {"metadata": {"total_size": total}, "weight_map": dict(sorted(places.items()))}
    with replacing(out) as stream:
        stream.write(json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n")
