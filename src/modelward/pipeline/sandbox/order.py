"""What goes between the process that signs and the fresh interpreter that confines: an order, a report."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Mount:
    """One place of the command's file system. `source` is a path outside; "" for an empty directory.

    `access` is read (never written), write (the scratch directory that becomes an output's parent),
    empty (hides what a place below shows) or device.
    """

    source: str
    target: str
    access: str
    directory: bool = True


@dataclass(frozen=True, slots=True)
class Destination:
    """An address that the command may connect to, through the relay outside. `local` stands for it inside."""

    host: str
    port: int
    local: str = ""

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Order:
    """All that the confining interpreter needs. Holds the environment with secrets: goes by a memfd only.

    `visible` maps a path to what it is (`base`, `input:NAME`, `code`, `output:1`, `private`); the observer
    sorts what is opened by it. `behind` maps a writable path, each with a word of its own in `visible`, to
    where its bytes are outside. `rights` are Landlock's, by path as the command sees it. `limits` are numbers
    of `resource` with their value.
    """

    program: str
    command: list[str]
    directory: str
    environment: dict[str, str]
    namespaces: bool
    user_namespace: bool
    root: str
    private: str
    mounts: list[Mount] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    visible: dict[str, str] = field(default_factory=dict)
    behind: dict[str, str] = field(default_factory=dict)
    rights: dict[str, int] = field(default_factory=dict)
    destinations: list[Destination] = field(default_factory=list)
    limits: dict[int, int] = field(default_factory=dict)
    seconds: float | None = None
    keep_terminal: bool = False

    def to_bytes(self) -> bytes:
        """As JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Order:
        """What `to_bytes` wrote. It is our own: anything amiss is a bug and raises."""
        value: dict[str, Any] = json.loads(data)
        value["mounts"] = [Mount(**mount) for mount in value["mounts"]]
        value["destinations"] = [Destination(**one) for one in value["destinations"]]
        value["limits"] = {int(number): limit for number, limit in value["limits"].items()}
        return cls(**value)


@dataclass(slots=True)
class Observation:
    """What was opened, as the observer saw it. Paths are bounded in number; `lost` counts those past it.

    `places` maps what `visible` says to the number of distinct files opened beneath; `refused` are paths
    that exist but were not declared; `base` are files of the base set that were opened; `unseen` counts
    calls whose path could not be read.
    """

    places: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    programs: list[str] = field(default_factory=list)
    base: list[str] = field(default_factory=list)
    unseen: int = 0
    lost: int = 0


@dataclass(slots=True)
class Report:
    """How it went. `status` is as os.waitpid gives it, None if the command was not started (see `error`).

    `left` counts processes that outlived the command and were killed.
    """

    status: int | None = None
    error: str = ""
    errno: int = 0
    left: int = 0
    timed_out: bool = False
    observation: Observation = field(default_factory=Observation)

    def to_bytes(self) -> bytes:
        """As JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Report:
        """What `to_bytes` wrote."""
        value = json.loads(data)
        value["observation"] = Observation(**value["observation"])
        return cls(**value)
