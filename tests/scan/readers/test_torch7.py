from __future__ import annotations

from tests.scan.examine import unexamined


def test_it_is_said_why_it_is_not_examined() -> None:
    data = b"4\n1\n3\nV 1\n13\nnn.Sequential\n"
    assert "Lua" in unexamined(data, "model.t7")["model.t7"]
