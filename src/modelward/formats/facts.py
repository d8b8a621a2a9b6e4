"""Facts that the readers of many formats have in common. Each is looked at by the rule of a like name."""

from __future__ import annotations

from msgspec import Struct


class Malformed(Struct, frozen=True):
    """A file breaks the rules of its own format in a way that may be an accident."""

    format: str
    message: str
    offset: int | None = None


class Overflow(Struct, frozen=True):
    """Numbers in a header that no writer writes: they wrap around, or reach where there are no data.

    Readers that believe them allocate too little and touch memory that is not theirs.
    """

    format: str
    message: str
    offset: int | None = None


class PathEscape(Struct, frozen=True):
    """A file makes its loader read or write `target`, which lies outside the artifact."""

    where: str
    target: str
    effect: str
    offset: int | None = None


class RemoteFetch(Struct, frozen=True):
    """A file makes its loader fetch `url` from the network."""

    where: str
    url: str
    effect: str
    offset: int | None = None


class EmbeddedCode(Struct, frozen=True):
    """Code that a file holds or names and that loading or using it runs.

    `where` is the place within the file, `what` what holds it (`a Lambda layer`), `expression` the code or
    its beginning. `harm` says what it does if that is harmful beyond doubt (`runs a shell command`), and is
    None where it could not be judged. Code that was read whole and is harmless is no fact.
    """

    where: str
    what: str
    expression: str = ""
    harm: str | None = None
    offset: int | None = None
