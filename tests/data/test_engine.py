from __future__ import annotations

import pytest

from modelward.core.errors import InputError, UsageError
from modelward.data import engine
from modelward.data.engine import Inline, connect, cores


def test_a_setting_names_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(connect("local:1"), Inline)
    assert connect("local").workers == cores()
    monkeypatch.setenv(engine.VARIABLE, "local:3")
    assert connect().workers == 3
    assert connect("local:2").workers == 2


@pytest.mark.parametrize("setting", ["ray://head", "local:0", "local:", "local:x", "spark", "local:9999"])
def test_unknown_engines_are_refused(setting: str) -> None:
    with pytest.raises(UsageError):
        connect(setting)


def test_work_in_this_process_is_a_plain_map() -> None:
    with Inline() as found:
        assert list(found.map(str, range(3))) == ["0", "1", "2"]


def test_a_cluster_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="needs the extra cluster")
    monkeypatch.setattr("modelward.data.engine_cluster.PATIENCE", 0.5)
    with pytest.raises(InputError, match="no Dask scheduler answers") as caught:
        connect("tcp://127.0.0.1:9")
    assert caught.value.where == "tcp://127.0.0.1:9"
