from modelward.core.counting import counted


def test_one_is_not_many():
    assert [counted(n, "file") for n in (0, 1, 2)] == ["0 files", "1 file", "2 files"]
