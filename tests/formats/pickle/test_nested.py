from __future__ import annotations

import pytest
from tests.formats.assemble import call, data, number, run, text

from modelward.core.errors import InputError
from modelward.formats.pickle.nested import as_source


def nested(value: bytes) -> bytes:
    source = as_source(run(b"\x80\x02" + value + b".")[0].value)
    return source.read(0, source.size)


@pytest.mark.parametrize("content", [b"ab\xff", bytes(range(256)) * 20])
def test_bytes_as_protocol_2_and_3_write_them(content: bytes) -> None:
    assert nested(data(content)) == content
    assert nested(call("_codecs", "encode", text(content.decode("latin-1")), text("latin1"))) == content


@pytest.mark.parametrize(
    "value", [number(1), text("x"), call("_codecs", "encode", text("€"), text("latin1"))]
)
def test_anything_else_cannot_be_told(value: bytes) -> None:
    with pytest.raises(InputError):
        nested(value)
