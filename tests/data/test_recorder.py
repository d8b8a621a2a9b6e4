"""Custody around real pandas, Polars, datasets and Daft code, which does not know of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas
import pytest

import modelward
import modelward.data
from modelward.core.errors import Rejected, UsageError
from modelward.data.index_file import read_index
from modelward.data.operations.mapping import RowMapping
from modelward.data.snapshot import take

WORDS = ["win a prize", "hello", "", "see you", "hello"]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DO_NOT_TRACK", "1")  # Daft reports its import to its makers
    return tmp_path


@pytest.fixture
def frame() -> pandas.DataFrame:
    return pandas.DataFrame({"text": WORDS, "n": range(5)})


def predicates(name: str, kind: str = "custody") -> list[dict[str, Any]]:
    lines = Path("custody", f"{name}.statements.jsonl").read_text().splitlines()
    statements = [json.loads(line) for line in lines]
    return [one["predicate"] for one in statements if one["predicateType"].endswith(f"/{kind}/v1")]


def test_a_function_is_recorded_without_being_changed(frame: pandas.DataFrame) -> None:
    @modelward.data.step("filter", "clean", licence="CC0-1.0")
    def clean(frame: pandas.DataFrame, shortest: int) -> pandas.DataFrame:
        """Leave out what is short."""
        return frame[frame.text.str.len() >= shortest]

    kept = clean(frame, shortest=1)
    assert kept.text.tolist() == ["win a prize", "hello", "see you", "hello"]
    assert clean.__doc__ == "Leave out what is short."
    (said,) = predicates("clean")
    assert (said["operation"], said["claim"], said["licence"]) == ("filter", "checked", "CC0-1.0")
    assert said["rows"] == {"input": 5, "output": 4, "dropped": 1}
    assert said["code"][0]["name"].startswith("test_recorder.py:")
    assert said["environment"]["name"].startswith("packages of cpython")
    index = read_index(Path("custody/clean.parquet.index.parquet"))
    assert str(index.set_root) == said["setRoot"]
    assert take("custody/clean.parquet", "clean").rows_root == index.rows_root
    assert predicates("clean", "snapshot")[0]["index"] == str(index.digest)


def test_a_filter_that_smuggles_a_row_in_leaves_nothing(frame: pandas.DataFrame, here: Path) -> None:
    @modelward.data.step("filter", "clean")
    def clean(frame: pandas.DataFrame) -> pandas.DataFrame:
        return pandas.concat([frame[1:], pandas.DataFrame({"text": ["poison"], "n": [9]})])

    with pytest.raises(Rejected) as caught:
        clean(frame)
    assert "clean.parquet row 5" in caught.value.message
    assert "text='poison', n='9'" in caught.value.message
    assert list((here / "custody").iterdir()) == []


def test_steps_in_memory_form_a_chain(frame: pandas.DataFrame) -> None:
    with modelward.data.recording("collect", "raw", source="https://example.org/raw") as made:
        made.output(frame)
    with modelward.data.recording("filter", "clean", reason_column="why") as made:
        made.input(frame)
        dropped = frame[frame.text == ""].assign(why="empty")
        kept = made.output(frame[frame.text != ""])
        made.dropped(dropped)
    with modelward.data.recording("shuffle", "mixed") as made:
        made.input(kept)
        made.output(kept.sample(frac=1, random_state=7))
    (raw,), (clean,), (mixed,) = (predicates(name) for name in ("raw", "clean", "mixed"))
    assert clean["inputs"][0]["setRoot"] == raw["setRoot"]
    assert clean["inputs"][0]["digest"] == str(take("custody/raw.parquet", "x").subject)
    assert clean["reasons"] == {"empty": 1}
    assert clean["dropped"]["name"] == "clean-dropped.parquet"
    assert mixed["inputs"][0]["digest"] == str(take("custody/clean.parquet", "x").subject)
    assert [path.name for path in made.files][-1] == "mixed.statements.jsonl"
    assert len(made.facts) == 2


def test_an_input_is_what_it_was_before_the_code_ran(frame: pandas.DataFrame) -> None:
    @modelward.data.step("filter", "clean")
    def clean(frame: pandas.DataFrame) -> pandas.DataFrame:
        frame.loc[0, "text"] = "poison"
        return frame

    with pytest.raises(Rejected, match="text='poison'"):
        clean(frame)


def test_polars_code_is_recorded_lazy_or_not() -> None:
    import polars

    @modelward.data.step("dedupe", "once", columns="text")
    def once(frame: Any) -> Any:
        return frame.unique("text", keep="first", maintain_order=True)

    frame = polars.DataFrame({"text": WORDS, "n": range(5)})
    assert once(frame).height == 4
    lazy = once(frame.lazy())
    assert isinstance(lazy, polars.LazyFrame)
    assert lazy.collect().height == 4
    assert predicates("once")[0]["rows"]["dropped"] == 1


def test_datasets_code_is_recorded_split_and_mapped() -> None:
    import datasets

    @modelward.data.step("split", "part")
    def part(data: Any) -> Any:
        return data.train_test_split(test_size=2, seed=1)

    @modelward.data.step("map", "upper")
    def upper(data: Any) -> Any:
        return data.map(lambda row: {"text": row["text"].upper()})

    data = datasets.Dataset.from_dict({"text": WORDS, "n": list(range(5))})
    parts = part(data)
    assert set(parts) == {"train", "test"}
    statements = predicates("part")
    assert [said["dataset"] for said in statements] == ["part-train", "part-test"]
    assert upper(data)[0]["text"] == "WIN A PRIZE"
    (said,) = predicates("upper")
    assert said["claim"] == "mapped"
    mapping = RowMapping.read(Path("custody/upper.parquet.mapping.parquet"))
    assert said["mapping"] == {"file": str(mapping.digest), "oneToOne": True}


def test_daft_code_is_recorded() -> None:
    import daft

    @modelward.data.step("annotate", "long", columns="long")
    def long(frame: Any) -> Any:
        return frame.with_column("long", daft.col("n") > 2)

    frame = daft.from_pydict({"text": WORDS, "n": list(range(5))})
    assert long(frame).to_pydict()["long"] == [False, False, False, True, True]
    assert predicates("long")[0]["columns"] == ["long"]


def test_pandas_rows_are_followed_by_their_index(frame: pandas.DataFrame) -> None:
    @modelward.data.step("map", "lower")
    def lower(frame: pandas.DataFrame) -> Any:
        kept = frame[frame.text != ""].sort_values("text")
        return kept.assign(text=kept.text.str.upper()), frame[frame.text == ""]

    lower(frame)
    assert predicates("lower")[0]["rows"] == {"input": 5, "output": 4, "dropped": 1}

    @modelward.data.step("map", "fewer")
    def fewer(frame: pandas.DataFrame) -> pandas.DataFrame:
        return frame.iloc[::2]

    with pytest.raises(Rejected, match=r"2 rows of frame\.parquet are neither mapped nor dropped"):
        fewer(frame)

    @modelward.data.step("map", "anew")
    def anew(frame: pandas.DataFrame) -> pandas.DataFrame:
        return pandas.concat([frame, frame], ignore_index=True)

    with pytest.raises(UsageError, match="5 rows became 10"):
        anew(frame)


def test_files_and_frames_can_be_mixed(frame: pandas.DataFrame, here: Path) -> None:
    frame.to_parquet(here / "raw.parquet", index=False)
    with modelward.data.recording("split", ["train", "test"], into=here / "out") as made:
        made.input(here / "raw.parquet")
        made.output(frame[:3])
        made.output(frame[3:])
    assert {path.name for path in made.files} == {
        "train.parquet",
        "train.parquet.index.parquet",
        "test.parquet",
        "test.parquet.index.parquet",
        "train.statements.jsonl",
    }
    assert (here / "raw.parquet").is_file()


def test_code_that_fails_leaves_nothing(frame: pandas.DataFrame, here: Path) -> None:
    @modelward.data.step("filter", "clean")
    def clean(frame: pandas.DataFrame) -> pandas.DataFrame:
        raise KeyError("their own")

    with pytest.raises(KeyError):
        clean(frame)
    assert list((here / "custody").iterdir()) == []


def test_what_cannot_be_recorded_is_said(frame: pandas.DataFrame) -> None:
    for operation, name, said in (
        ("transmute", "x", {}),
        ("filter", "../x", {}),
        ("filter", "x", {"licens": "MIT"}),
    ):
        with pytest.raises(UsageError):
            modelward.data.recording(operation, name, **said)

    @modelward.data.step("filter", "clean")
    def count(frame: pandas.DataFrame) -> int:
        return len(frame)

    with pytest.raises(UsageError, match="gives frames, not int"):
        count(frame)
    with (
        pytest.raises(UsageError, match="filter takes 1 input, not 0"),
        modelward.data.recording("filter", "clean") as made,
    ):
        made.output(frame)


SNAPSHOT = "from modelward.cli.app import main; main('data snapshot x.csv --name x --out s'.split())"


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        ("numpy", "import modelward.data; modelward.data.step('filter', 'x')"),
        ("numpy", SNAPSHOT),
        ("pyarrow", SNAPSHOT),
    ],
)
def test_without_the_extra_it_is_named(here: Path, missing: str, code: str) -> None:
    (here / "x.csv").write_text("a\n1\n")
    hidden = f"import sys; sys.modules[{missing!r}] = None\n{code}"
    done = subprocess.run([sys.executable, "-c", hidden], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "needs the extra 'data'" in done.stderr
    assert not (here / "s").exists()
