"""Loading: what is returned was hashed, whatever happens to the files."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

import modelward
from modelward.core.digest import Digest
from modelward.core.errors import InputError, ModelwardError, Rejected, UsageError

from .conftest import TENSORS, Host


def same(model: modelward.LoadedModel[Any]) -> bool:
    return model.tensors.keys() == TENSORS.keys() and all(
        np.array_equal(model.tensors[name], array) for name, array in TENSORS.items()
    )


def test_a_released_model_is_loaded_from_all_its_shards(host: Host) -> None:
    model = host.load()
    assert same(model)
    assert (model.release.model, model.release.version) == ("fraud", 1)
    assert model.read("config.json") == b"{}"


def test_what_is_loaded_cannot_be_written(host: Host) -> None:
    model = host.load()
    with pytest.raises(ValueError, match="read-only"):
        model.tensors["a"][0] = 1
    with pytest.raises(TypeError):
        model.tensors["a"] = None  # type: ignore[index]


def test_raw_needs_no_numpy(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "numpy", None)
    tensor = host.load(framework="raw").tensors["b"]
    assert (tensor.dtype, tensor.shape, tensor.data.tobytes()) == ("F64", (3, 3), TENSORS["b"].tobytes())


def test_an_unknown_framework_is_told_before_anything_is_read(host: Host) -> None:
    with pytest.raises(UsageError):
        host.load(framework="torch", bundle="missing")


# -- files that change --------------------------------------------------------------------------------------


def test_a_file_written_to_after_loading_changes_nothing(host: Host) -> None:
    model = host.load()
    shard = host.path / "one.safetensors"
    with shard.open("r+b") as stream:
        stream.write(bytes(shard.stat().st_size))
    os.truncate(host.path / "two.safetensors", 0)
    assert same(model)


def test_a_file_swapped_after_loading_is_not_read(host: Host) -> None:
    model = host.load()
    (host.path / "config.json").write_bytes(b'{"evil": 1}')
    with pytest.raises(Rejected, match="not those that were released"):
        model.read("config.json")


def attempt(host: Host) -> bool | str:
    """Whether loading gives the released tensors, or the step that refuses."""
    try:
        return same(host.load(state=None))
    except ModelwardError as error:
        return (error.where or "").partition(":")[0]


def test_a_file_that_changes_all_the_time_gives_the_released_bytes_or_an_error(host: Host) -> None:
    shard = host.path / "one.safetensors"
    good = shard.read_bytes()
    evil = good[:-1000] + bytes(1000)
    stop = threading.Event()

    def write() -> None:
        with shard.open("r+b", buffering=0) as stream:
            while not stop.is_set():
                for data in (evil, good):
                    stream.seek(0)
                    stream.write(data)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        results = [attempt(host) for _ in range(25)]
    finally:
        stop.set()
        writer.join()
    assert all(result == "step 11 (bytes)" or result is True for result in results), results


# -- directories that are not the release -------------------------------------------------------------------


def other_bytes(path: Path) -> None:
    data = bytearray((path / "two.safetensors").read_bytes())
    data[-1] ^= 1
    (path / "two.safetensors").write_bytes(data)


def longer(path: Path) -> None:
    with (path / "two.safetensors").open("ab") as stream:
        stream.write(b"x")


def vast(path: Path) -> None:
    os.truncate(path / "two.safetensors", 1 << 43)


def missing(path: Path) -> None:
    (path / "two.safetensors").unlink()


def extra(path: Path) -> None:
    (path / "modeling.py").touch()


def link(path: Path) -> None:
    shutil.copy(path / "one.safetensors", path.parent / "outside")
    (path / "one.safetensors").unlink()
    (path / "one.safetensors").symlink_to(path.parent / "outside")


def linked_directory(path: Path) -> None:
    (path.parent / "elsewhere").mkdir()
    (path / "more").symlink_to(path.parent / "elsewhere")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (other_bytes, "two.safetensors: the bytes are not those"),
        (longer, "two.safetensors: the bytes are not those"),
        (vast, "all of the release has"),
        (missing, "missing: two.safetensors"),
        (extra, "not in the release: modeling.py"),
        (link, "is a link"),
        (linked_directory, "is a link"),
    ],
)
def test_a_directory_that_is_not_the_release(host: Host, change: Callable[[Path], None], match: str) -> None:
    change(host.path)
    with pytest.raises(Rejected, match=match) as caught:
        host.load()
    assert (caught.value.where or "").startswith("step 11 (bytes)")


def test_a_pipe_in_place_of_a_file_is_refused_without_waiting(host: Host) -> None:
    model = host.load()
    for name in ("config.json", "one.safetensors"):
        (host.path / name).unlink()
        os.mkfifo(host.path / name)
    with pytest.raises(InputError, match="not a file"):
        model.read("config.json")
    with pytest.raises(InputError, match="named pipe"):
        host.load()


def test_no_directory(host: Host) -> None:
    shutil.rmtree(host.path)
    with pytest.raises(InputError, match="no directory"):
        host.load()


@pytest.mark.parametrize("name", ["other.json", "../served/config.json", "/etc/passwd", "", "."])
def test_only_files_of_the_release_can_be_read(host: Host, name: str) -> None:
    (host.path / "config.json").touch()
    model = host.load()
    with pytest.raises(Rejected, match="no such file in the release"):
        model.read(name)


def test_a_link_put_in_place_of_a_file_is_not_read(host: Host) -> None:
    model = host.load()
    (host.path / "config.json").rename(host.path.parent / "config.json")
    (host.path / "config.json").symlink_to(host.path.parent / "config.json")
    with pytest.raises(Rejected, match="is a link"):
        model.read("config.json")


# -- releases that do not hold, or cannot be loaded ---------------------------------------------------------


def test_the_release_is_verified_before_the_files_are_looked_at(host: Host) -> None:
    shutil.rmtree(host.path)
    with pytest.raises(Rejected, match="step 2"):
        host.load(root=Digest.sha256(b"another registry"))


def test_the_same_tensor_in_two_files(host_of: Callable[..., Host]) -> None:
    host = host_of(**{f"{n}.safetensors": save({"t": np.arange(3)}) for n in (1, 2)})
    with pytest.raises(InputError, match=r"2\.safetensors: another file has a tensor 't' too"):
        host.load()


def test_a_release_that_is_not_valid_safetensors(host_of: Callable[..., Host]) -> None:
    host = host_of(**{"m.safetensors": save({"t": np.arange(3)}) + b"more"})
    with pytest.raises(InputError, match=r"m\.safetensors: .*bytes after the last tensor"):
        host.load()


def test_a_release_without_safetensors(host_of: Callable[..., Host]) -> None:
    host = host_of(**{"model.bin": b"pickle"})
    with pytest.raises(InputError, match=r"no \.safetensors file"):
        host.load()
