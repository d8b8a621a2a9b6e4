from __future__ import annotations

import pytest
from tests.formats.assemble_graph import checkpoint_index, mil_blob, paddle_tensor
from tests.scan.examine import examine

from modelward.core.finding import Verdict


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (checkpoint_index(("w", (2,), 0, 8)), "TensorFlow checkpoint"),
        (mil_blob(bytes(64)), "CoreML weights"),
        (paddle_tensor((2,), bytes(8)), "PaddlePaddle parameters"),
    ],
)
def test_files_of_numbers_are_known_by_their_headers(data: bytes, kind: str) -> None:
    report = examine(data, "x.bin")
    assert (report.coverage[0].format, report.verdict) == (kind, Verdict.CLEAN)


def test_other_numbers_are_unknown() -> None:
    assert examine(bytes(64)).verdict is Verdict.INCOMPLETE
