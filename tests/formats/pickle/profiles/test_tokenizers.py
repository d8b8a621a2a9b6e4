from __future__ import annotations

import pytest
from tests.formats.assemble import EMPTY_TUPLE, data, fetch, number, pickle, tup
from tests.formats.pickle.opinions import worst

from modelward.formats.pickle.judge import Opinion

MODEL = fetch("tokenizers.models", "Model") + EMPTY_TUPLE + b"\x81" + data(b"{}") + b"b"


@pytest.mark.parametrize(
    ("value", "opinion"),
    [
        (fetch("tokenizers", "Tokenizer") + tup(MODEL) + b"\x81" + data(b"{}") + b"b", Opinion.ALLOWED),
        (fetch("tokenizers", "AddedToken") + EMPTY_TUPLE + b"\x81" + number(1) + b"b", Opinion.MISUSED),
        (fetch("tokenizers", "Tokenizer") + tup(fetch("m", "C")) + b"\x81", Opinion.UNKNOWN),
    ],
)
def test_tokenizers(value: bytes, opinion: Opinion) -> None:
    assert worst(pickle(value)) is opinion
