"""Real torch, for the tests that compare with it: few, for importing it takes two seconds."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="skipped: needs torch")
