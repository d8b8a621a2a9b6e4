from __future__ import annotations

import pytest

from modelward.formats.identify import Format
from modelward.scan.readers import reader


@pytest.mark.parametrize("form", Format)
def test_every_format_has_a_reader(form: Format) -> None:
    assert callable(reader(form))
