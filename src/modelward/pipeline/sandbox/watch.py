"""The observer: hears of each file the command opens and each program it starts, before it happens.

What exists but was not declared is refused with EACCES and named. Where the kernel confines the command
this is a record and a plainer error; where it does not, it is all there is, and a command that changes
the path's text while the call is checked gets past it: such a run is *observed*, never *enforced*.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import struct

from modelward.pipeline.sandbox import kernel
from modelward.pipeline.sandbox.order import Observation

MAX_PATHS = 50_000
MAX_REFUSED = 1000
_MAX_PATH = 4096

_RECEIVE, _SEND, _SET_FLAGS = 0xC0502100, 0xC0182101, 0x40082104
_SYNCHRONOUS = 1
_CONTINUE = 1
_NOTIFICATION = struct.Struct("=QIIiIQ6Q")
_ANSWER = struct.Struct("=QqiI")
_AT_FDCWD = -100

#: Call -> positions of directory descriptor (or None) and path among its arguments.
_WHERE: dict[str, tuple[int | None, int]] = {
    "open": (None, 0),
    "creat": (None, 0),
    "execve": (None, 0),
    "openat": (0, 1),
    "openat2": (0, 1),
    "execveat": (0, 1),
}


class Watch:
    """Serves one listener until all who are filtered have ended."""

    def __init__(
        self, listener: int, calls: dict[int, str], visible: dict[str, str], behind: dict[str, str]
    ) -> None:
        """`calls` are numbers of the calls told; `visible` and `behind` are those of the order."""
        self._listener = listener
        self._calls = calls
        self._visible = visible
        self._behind = {visible[target]: (target, source) for target, source in behind.items()}
        self._above = {parent for path in visible for parent in _parents(path)}
        self._known: dict[str, str] = {}
        self._refused: dict[str, None] = {}
        self._programs: dict[str, None] = {}
        self._unseen = 0
        self._lost = 0
        with contextlib.suppress(OSError):  # before Linux 6.6: slower, otherwise the same
            fcntl.ioctl(listener, _SET_FLAGS, _SYNCHRONOUS)

    def serve(self, ended: int) -> None:
        """Answer calls until the descriptor `ended` is readable."""
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        poll.register(ended, select.POLLIN)
        while True:
            for descriptor, events in poll.poll():
                if descriptor == ended:
                    return
                if events & select.POLLIN:
                    self._answer_one()
                else:  # everyone filtered has ended
                    poll.unregister(self._listener)

    def observation(self) -> Observation:
        """What was seen so far."""
        places: dict[str, int] = {}
        for place in self._known.values():
            if place:
                places[place] = places.get(place, 0) + 1
        return Observation(
            places=dict(sorted(places.items())),
            refused=list(self._refused),
            programs=list(self._programs),
            base=sorted(path for path, place in self._known.items() if place == "base"),
            unseen=self._unseen,
            lost=self._lost,
        )

    def _answer_one(self) -> None:
        received = bytearray(_NOTIFICATION.size)
        try:
            fcntl.ioctl(self._listener, _RECEIVE, received)
        except OSError:
            return  # the caller was killed meanwhile
        number, process, _, call, _, _, *arguments = _NOTIFICATION.unpack(received)
        refusal = self._judge(process, self._calls[call], arguments)
        flags = 0 if refusal else _CONTINUE
        answer = bytearray(_ANSWER.pack(number, 0, -refusal, flags))
        try:
            fcntl.ioctl(self._listener, _SEND, answer)
        except OSError:
            return  # likewise

    def _judge(self, process: int, call: str, arguments: list[int]) -> int:
        """0 to let the call go on, or the error it gets."""
        directory, position = _WHERE[call]
        try:
            path = _text(process, arguments[position])
            if not path.startswith("/"):
                path = os.path.join(_directory(process, directory, arguments), path)
            creates = _creates(process, call, arguments)
        except OSError:
            self._unseen += 1
            return 0
        path = os.path.normpath(path)
        place = self._known.get(path)
        if place is None:
            place = self._learn(path)
        if place in self._behind and not creates:
            place = place if self._is_inside(path, place) else ""
        if call.startswith("execve") and place and len(self._programs) < MAX_REFUSED:
            self._programs[path] = None
        if place or not _exists(path):
            return 0
        if len(self._refused) < MAX_REFUSED:
            self._refused[path] = None
        return errno.EACCES

    def _learn(self, path: str) -> str:
        """What a path belongs to: "" if it was not declared, or is not there. Links outside are followed."""
        place = self._beneath(path)
        if not place:
            real = os.path.realpath(path)
            place = self._beneath(real) if real != path else ""
        if place not in self._behind and not _exists(path):
            place = ""
        if len(self._known) < MAX_PATHS:
            self._known[path] = place
        else:
            self._lost += 1
        return place

    def _is_inside(self, path: str, place: str) -> bool:
        """Whether a place of the command's own has this name; outside, the name may mean something else."""
        target, source = self._behind[place]
        return path == target or os.path.lexists(source + path.removeprefix(target))

    def _beneath(self, path: str) -> str:
        if path in self._above:
            return "above"  # a directory on the way to something visible
        while True:
            place = self._visible.get(path)
            if place is not None:
                return place
            shorter = os.path.dirname(path)
            if shorter == path:
                return ""
            path = shorter


def _creates(process: int, call: str, arguments: list[int]) -> bool:
    """Whether the call may make the file."""
    if call == "creat":
        return True
    if call == "openat2":
        flags = struct.unpack("=Q", kernel.read_memory(process, arguments[2], 8))[0]
    else:
        flags = {"open": arguments[1], "openat": arguments[2]}.get(call, 0)
    return bool(flags & os.O_CREAT)


def _text(process: int, address: int) -> str:
    return os.fsdecode(kernel.read_memory(process, address, _MAX_PATH).split(b"\0", 1)[0])


def _directory(process: int, position: int | None, arguments: list[int]) -> str:
    """What a relative path starts from, as the caller's own root shows it."""
    if position is not None:
        descriptor = struct.unpack("=i", struct.pack("=I", arguments[position] & 0xFFFFFFFF))[0]
        if descriptor != _AT_FDCWD:
            return os.readlink(f"/proc/{process}/fd/{descriptor}")
    return os.readlink(f"/proc/{process}/cwd")


def _exists(path: str) -> bool:
    """Whether there is something outside that the name could have meant."""
    try:
        os.lstat(path)
    except (OSError, ValueError):
        return False
    return True


def _parents(path: str) -> list[str]:
    found = []
    while (shorter := os.path.dirname(path)) != path:
        found.append(shorter)
        path = shorter
    return found
