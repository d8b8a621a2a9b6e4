from __future__ import annotations

from tests.scan.examine import examine


def test_other_json_is_left_to_the_reader_of_text() -> None:
    for data in (
        b'{"base_code": {"magic": "pir"}}',
        b'{"base_code": "pir", "program": 1}',
        b'{"base_code": "pir"',
    ):
        assert "PaddlePaddle" not in examine(data, "x.json").coverage[0].format
