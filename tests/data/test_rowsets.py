from __future__ import annotations

from pathlib import Path

from modelward.data.rowsets import excess, repeated
from modelward.data.snapshot import take


def test_what_is_more_often_in_these_than_in_those(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,n\nhello,1\nhello,1\nbye,2\n")
    (tmp_path / "b.csv").write_text("text,n\nhello,1\n")
    a, b = take(tmp_path / "a.csv", "a"), take(tmp_path / "b.csv", "b")
    over = excess([a], [b])
    assert (over.total, over.distinct) == (2, 2)
    assert dict(over.pairs()) == {a.digest_at(0).raw: 1, a.digest_at(2).raw: 1}
    assert over.first(1) == sorted(over.pairs())[:1]
    assert excess([b], [a]).total == 0
    assert excess([a], [b, b]).total == 1
    assert excess([a], [b], once=True).total == 1
    assert repeated(a).total == 1


def test_rows_compare_by_some_columns_alone(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,n\nhello,1\nbye,2\n")
    (tmp_path / "b.csv").write_text("n,text,note\n1,HELLO,x\n2,BYE,y\n")
    a, b = take(tmp_path / "a.csv", "a"), take(tmp_path / "b.csv", "b")
    assert excess([a], [b]).total == 2
    assert excess([a], [b], ["n"]).total == 0
    assert excess([a], [b], ["text"]).total == 2
