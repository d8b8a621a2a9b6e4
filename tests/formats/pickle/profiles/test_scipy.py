from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse, spatial, special, stats
from tests.formats.assemble import EMPTY_DICT, EMPTY_TUPLE, fetch, pickle, text
from tests.formats.pickle.opinions import worst, written

from modelward.formats.pickle.judge import Opinion


@pytest.mark.parametrize(
    "value",
    [
        sparse.csr_matrix(np.eye(3)),
        sparse.csc_array(np.eye(3)),
        spatial.cKDTree(np.eye(3)),
        stats.norm,
        stats.gamma(1, loc=2),
        stats.poisson(2),
        special.expit,
        special.softmax,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_scipy_writes_is_allowed(value: Any) -> None:
    assert written(value) == []


@pytest.mark.parametrize(
    "template",
    [
        "import os; os.system('id')",
        "def _parse_args(self, a=print(1), loc=0, scale=1):\n    return (a, ), loc, scale\n",
        "def _parse_args(self,  loc=0, scale=1):\n    return (), loc, scale\n\nprint(1)\n",
    ],
)
def test_parser_that_is_not_scipy_s_is_code(template: str) -> None:
    state = EMPTY_DICT + text("_parse_arg_template") + text(template) + b"s"
    made = fetch("scipy.stats._continuous_distns", "norm_gen") + EMPTY_TUPLE + b"\x81"
    assert worst(pickle(made + state + b"b")) is Opinion.SINK
