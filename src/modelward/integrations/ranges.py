"""A file behind a URL, read by HTTP ranges (RFC 9110, section 14); whole where a server serves no ranges."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from typing import IO

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.remote import Changed, Meter
from modelward.integrations.http import Answer, Client, shown

#: The largest file that is fetched whole, into an unnamed temporary file.
MAX_WHOLE_BYTES = 2 << 30
_IN_MEMORY_BYTES = 8 << 20
_RANGE = re.compile(r"bytes (?:(\d{1,19})-(\d{1,19})|\*)/(\d{1,19}|\*)")
_HELP = "fetch the file and scan it here"


class RangedFile:
    """One file on a server. Called with an offset and a length, it fetches these bytes.

    The server's validator (ETag, or else the date) is remembered from the first answer; a file that changes
    meanwhile raises Changed. `secret` are headers for the origin of `url` alone. `size` is what somebody said
    that it is, or None: `measure` asks the server.
    """

    def __init__(
        self,
        client: Client,
        url: str,
        meter: Meter,
        *,
        secret: Mapping[str, str] | None = None,
        size: int | None = None,
    ) -> None:
        self.client = client
        self.url = url
        self.meter = meter
        self.secret = dict(secret or {})
        self.size = size
        self.validator: str | None = None
        self._at = url
        self._outside = False  # whether a public server redirected to `_at`
        self._whole: IO[bytes] | None = None

    def measure(self) -> int:
        """The size of the file. Raises InputError."""
        self._ask(0, 1)
        if self.size is None:
            raise InputError("the server does not say how long the file is", where=self._where, help=_HELP)
        return self.size

    def __call__(self, offset: int, length: int) -> bytes:
        """See `modelward.formats.remote.Fetch`."""
        if self._whole is not None:
            self._whole.seek(offset)
            return self._whole.read(length)
        return self._ask(offset, length)

    @property
    def _where(self) -> str:
        return shown(self.url)

    def _ask(self, offset: int, length: int) -> bytes:
        headers = {"Range": f"bytes={offset}-{offset + length - 1}"}
        if self.validator and self.validator.startswith('"'):
            headers["If-Match"] = self.validator
        if self._at != self.url:  # another's, which gets no secret; and what it redirects to may expire
            with self.client.get(self._at, headers=headers, outside=self._outside) as answer:
                if answer.status not in (401, 403, 404, 410):
                    return self._body(answer, offset, length)
        with self.client.get(self.url, headers=headers, secret=self.secret) as answer:
            return self._body(answer, offset, length)

    def _body(self, answer: Answer, offset: int, length: int) -> bytes:
        self._at, self._outside = answer.url, answer.outside
        match = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        if answer.status == 412:
            raise self._changed()
        if answer.status == 416 and match and match[3] == "0":
            self.size = 0
            return b""
        if answer.status == 200:
            self._check(answer)
            return self._take_whole(answer, offset, length)
        if answer.status != 206 or match is None or match[1] is None:
            raise refused(answer.status, self._where)
        self._check(answer)
        if int(match[1]) != offset:
            raise InputError(
                "the server gives another part than was asked for", where=self._where, help=_HELP
            )
        if match[3] != "*":
            self._measured(int(match[3]))
        wanted = min(length, int(match[2]) - offset + 1)
        data = b"".join(answer.pieces(max(0, wanted)))
        self.meter.bytes += len(data)
        return data

    def _check(self, answer: Answer) -> None:
        found = answer.headers.get("ETag") or answer.headers.get("Last-Modified")
        if self.validator is None:
            self.validator = found
        elif found is not None and found != self.validator:
            raise self._changed()

    def _measured(self, size: int) -> None:
        if self.size is not None and self.size != size:
            raise Changed(f"it has {size} bytes, and should have {self.size}", where=self._where)
        self.size = size

    def _take_whole(self, answer: Answer, offset: int, length: int) -> bytes:
        """Keep the whole file, as the server serves no parts of it."""
        limit = MAX_WHOLE_BYTES if self.size is None else self.size
        if limit > MAX_WHOLE_BYTES:
            raise LimitExceeded(
                f"the server serves no parts of files, and this one is over {MAX_WHOLE_BYTES >> 30} GiB",
                where=self._where,
                help=_HELP,
            )
        space = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115  closed with the client
        whole: IO[bytes] = self.client.resources.enter_context(space)
        received = 0
        for piece in answer.pieces(limit + 1):
            received += len(piece)
            self.meter.bytes += len(piece)
            whole.write(piece)
        if received > limit:
            raise LimitExceeded(f"the server sends more than {limit} bytes", where=self._where, help=_HELP)
        self._measured(received)
        self._whole = whole
        whole.seek(offset)
        return whole.read(length)

    def _changed(self) -> Changed:
        return Changed("it changed while it was being read", where=self._where, help="try again")


def refused(status: int, where: str) -> InputError:
    """The error for a status that is no file."""
    helps = {401: "it needs a token", 403: "it needs a token, or another one", 404: "check the address"}
    return InputError(f"the server answers {status}", where=where, help=helps.get(status, "try again later"))
