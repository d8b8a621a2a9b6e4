from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

BEGIN = ("data", "collect", "c", "--name", "feedback", "--source", "https://app.example/feedback")


@pytest.fixture
def send(command: Callable[..., Any], here: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run `modelward ARGUMENTS` with this on its standard input."""

    def run(data: str | bytes, *arguments: object) -> Any:
        path = here / "stdin"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        with path.open() as stream, monkeypatch.context() as patch:
            patch.setattr("sys.stdin", stream)
            return command(*arguments)

    return run


def test_rows_are_durable_then_sealed_and_signed(
    send: Callable[..., Any], command: Callable[..., Any], registry: None, here: Path
) -> None:
    done = send('{"text":"hi"}\n{"text":"yo"}\n', *BEGIN)
    assert (done.code, done.out) == (0, "durable 2\n"), done.err
    assert done.err == "open: 2 rows, not sealed yet (--seal seals them)\n"
    done = send('{"text":"x"}\n', "data", "collect", "c", "--contributor", "u17", "--seal")
    assert done.code == 0, done.err
    durable, sealed = done.out.splitlines()
    assert durable == "durable 1"
    assert sealed.startswith("sealed batch 1: 3 rows (sha256:")
    assert sealed.endswith("), 3 in all")
    rows = [json.loads(line) for line in (here / "c" / "rows" / "00000001.jsonl").read_text().splitlines()]
    assert [(row["text"], row["_contributor"], row["_source"]) for row in rows] == [
        ("hi", "dora", "https://app.example/feedback"),
        ("yo", "dora", "https://app.example/feedback"),
        ("x", "u17", "https://app.example/feedback"),
    ]
    shown = command("data", "show", "feedback")
    assert shown.code == 0, shown.out
    assert "collect" in shown.out
    verified = command(
        *("data", "verify", "c/rows/00000001.jsonl", "--index", "c/batches/00000001.index.parquet")
    )
    assert verified.code == 0, verified.err
    assert "signed by dora" in verified.out
    checked = command("data", "collect", "c", "--check")
    assert checked.code == 0
    assert checked.out.startswith("1 batch, 3 rows: as they were sealed")


def test_a_row_that_forges_a_stamp_is_refused_and_the_others_go_on(
    send: Callable[..., Any], registry: None, here: Path
) -> None:
    lines = [
        '{"n":1}',
        '{"n":2,"_contributor":"dora"}',
        "not json",
        '{"n":"x"}',
        "",
        '{"n":3}',
        '{"n":4,"n":5}',
    ]
    done = send("\n".join(lines) + "\n", *BEGIN, "--seal")
    assert done.code == 2
    assert done.out.startswith("durable 7\nsealed batch 1: 2 rows")
    refused = [line for line in done.err.splitlines() if line.startswith("refused: ")]
    assert sorted(line.split(":")[1] for line in refused) == [" line 2", " line 3", " line 4", " line 7"]
    rows = [json.loads(line) for line in (here / "c" / "rows" / "00000001.jsonl").read_text().splitlines()]
    assert [row["n"] for row in rows] == [1, 3]


def test_a_front_end_that_authenticates_stamps_each_line(
    send: Callable[..., Any], registry: None, here: Path
) -> None:
    lines = [
        {"contributor": "u1", "row": {"n": 1}},
        {"contributor": "u2", "source": "form", "row": {"n": 2}},
        {"row": {"n": 3}},
        {"contributor": 5, "row": {}},
        {"contributor": "u1", "row": {"n": 4}, "time": "now"},
    ]
    done = send("".join(json.dumps(line) + "\n" for line in lines), *BEGIN, "--stamped", "--seal", "--json")
    assert done.code == 2
    durable, sealed = [json.loads(line) for line in done.out.splitlines()]
    assert (durable, sealed["sealed"]["rows"]) == ({"durable": 5}, 2)
    rows = [json.loads(line) for line in (here / "c" / "rows" / "00000001.jsonl").read_text().splitlines()]
    assert [(row["_contributor"], row["_source"]) for row in rows] == [
        ("u1", "https://app.example/feedback"),
        ("u2", "form"),
    ]


def test_batches_go_on_from_each_other_in_the_registry(
    send: Callable[..., Any], command: Callable[..., Any], registry: None, here: Path
) -> None:
    for number in range(3):
        done = send(f'{{"n":{number}}}\n', *(BEGIN if not number else ("data", "collect", "c")), "--seal")
        assert done.code == 0, done.err
    checked = command("data", "collect", "c", "--check", "--json")
    assert json.loads(checked.out) | {"rowsRoot": ""} == {
        "batches": 3,
        "rows": 3,
        "rowsRoot": "",
        "signed": True,
    }
    whole = command("data", "snapshot", "c/rows", "--name", "feedback", "--json")
    assert json.loads(whole.out)["rowsRoot"] == json.loads(checked.out)["rowsRoot"]


def test_rewritten_history_that_agrees_with_itself_was_signed_by_nobody(
    send: Callable[..., Any], command: Callable[..., Any], registry: None, here: Path
) -> None:
    assert send('{"n":1}\n', *BEGIN, "--seal").code == 0
    from modelward.data.collect import Capture, Stamp

    settings = (here / "c" / "capture.json").read_bytes()
    (here / "forged").mkdir()
    (here / "forged" / "capture.json").write_bytes(settings)
    with Capture(here / "forged") as capture:
        capture.add([{"n": 7}], Stamp("dora", "app"))
        capture.seal(everything=True)
        capture.audit()
    checked = command("data", "collect", "forged", "--check")
    assert (checked.code, checked.out) == (1, "")
    assert "nobody signed this as batch 1" in checked.err
    (here / "c" / "rows" / "00000001.jsonl").unlink()
    (here / "c" / "rows" / "00000001.jsonl").write_text('{"n":7}\n')
    checked = command("data", "collect", "c", "--check")
    assert checked.code == 1
    assert "00000001.jsonl" in checked.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["c"], "there is no capture"),
        (["c", "--name", "x"], "without a source"),
        (["c", "--source", "x"], "add --name NAME"),
        (["c", "--name", "a b", "--source", "x"], "not a name"),
        (["c", "--name", "x", "--source", "x", "--age", "soon"], "not a duration"),
        (["c", "--name", "x", "--source", "x", "--column", "a=text"], "unknown type"),
        (["c", "--name", "x", "--source", "x", "--rows", "0"], "a batch ends at"),
    ],
)
def test_what_cannot_be_collected_is_said(
    send: Callable[..., Any], registry: None, arguments: list[str], message: str
) -> None:
    done = send("", "data", "collect", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_long_lines_are_refused_without_being_held(
    send: Callable[..., Any], registry: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modelward.cli.data.collect._MAX_LINE", 100)
    monkeypatch.setattr("modelward.cli.data.collect._CHUNK", 64)
    done = send('{"n":1}\n{"x":"' + "y" * 5000 + '"}\n{"n":2}', *BEGIN, "--seal")
    assert done.code == 2
    assert "refused: line 2: the line is over" in done.err
    assert "sealed batch 1: 2 rows" in done.out
