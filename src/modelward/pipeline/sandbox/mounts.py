"""The command's file system: an empty root in which only the order's places are mounted."""

from __future__ import annotations

import os
from pathlib import Path

from modelward.pipeline.sandbox import kernel
from modelward.pipeline.sandbox.kernel import (
    MOUNT_ATTR_NODEV,
    MOUNT_ATTR_NOEXEC,
    MOUNT_ATTR_NOSUID,
    MOUNT_ATTR_RDONLY,
)
from modelward.pipeline.sandbox.order import Mount, Order

_ROOT_OPTIONS = "mode=755,size=64m"
#: Attributes of each kind of access.
_ATTRIBUTES = {
    "read": MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
    "write": MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
    "empty": MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
    "device": MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
}
_DESCRIPTORS = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}


def build(order: Order) -> None:
    """Make the root of this mount namespace what `order` says. Raises OSError.

    Mounts are made in the order given: a place within another comes after it. Names of mount points are
    made where they are not there, which in a writable place means in its scratch directory.
    """
    root = order.root
    kernel.mount("none", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("modelward", root, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, _ROOT_OPTIONS)
    for mount in order.mounts:
        _attach(mount, root + mount.target)
    for path, target in order.links.items():
        _link(root + path, target)
    for path, content in order.files.items():
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        Path(root + path).write_text(content, encoding="utf-8")
    _system(root)
    os.makedirs(root + order.directory, exist_ok=True)
    for mount in order.mounts:
        if mount.access == "empty":
            kernel.mount_attributes(root + mount.target, _ATTRIBUTES["empty"], recursive=False)
    kernel.change_root(root)
    kernel.mount_attributes("/", MOUNT_ATTR_RDONLY, recursive=False)


def _attach(mount: Mount, place: str) -> None:
    if mount.directory:
        os.makedirs(place, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        if not os.path.lexists(place):
            os.close(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    if mount.access == "empty":
        kernel.mount("modelward", place, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=1m,mode=755")
        return
    kernel.mount(mount.source, place, "", kernel.MS_BIND | kernel.MS_REC)
    kernel.mount_attributes(place, _ATTRIBUTES[mount.access], recursive=True)


def _link(path: str, target: str) -> None:
    if not os.path.lexists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(target, path)


def _system(root: str) -> None:
    """`/proc` of this PID namespace alone, unwritable (a root user could change the kernel there)."""
    os.makedirs(f"{root}/proc", exist_ok=True)
    flags = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
    kernel.mount("proc", f"{root}/proc", "proc", flags)
    kernel.mount_attributes(f"{root}/proc", MOUNT_ATTR_RDONLY, recursive=False)
    shared = f"{root}/dev/shm"  # noqa: S108
    os.makedirs(shared, exist_ok=True)
    kernel.mount("shm", shared, "tmpfs", flags, "mode=1777")
    for name, target in _DESCRIPTORS.items():
        _link(f"{root}/dev/{name}", target)
