from __future__ import annotations

import pytest

from modelward.data.readers import json_rows


@pytest.mark.parametrize("text", ['{"a": 1, "a": 1}', '{"a": NaN}', '{"a": -Infinity}', '{"a": 1e400}'])
def test_what_two_parsers_read_differently_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"twice|not a JSON number|out of range"):
        json_rows.decoder().decode(text)


def test_a_key_that_is_missing_is_null() -> None:
    batch = json_rows.batch([{"a": 1}, {"b": 2}])
    assert batch.columns == {"a": [1, None], "b": [None, 2]}
    assert batch.rows == 2
