"""Where namespaces are refused the command is watched, and the record claims no more than that."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.pipeline.sandbox.conftest import Cell

from modelward.core.errors import InputError
from modelward.pipeline.sandbox import destinations, facilities
from modelward.pipeline.sandbox.facilities import Facilities
from modelward.pipeline.sandbox.watched import Watched


@pytest.fixture
def yard(cell: Cell) -> Cell:
    found = facilities.probe()
    cell.confined = Watched(
        Facilities({"user namespace": "Operation not permitted"}, False, found.landlock, found.observer)
    )
    return cell


def test_declared_places_work_and_the_grade_is_observed(yard: Cell) -> None:
    outcome = yard.run("open('out', 'w').write(open('data.csv').read())")
    assert outcome.exit_code == 0
    assert Path("out").read_text() == "text,label\nhello,0\n"
    assert outcome.recorded["sandbox"] == "observer, Landlock, seccomp"
    assert outcome.recorded["observed"]["opened"]["input:data"] == 1
    assert yard.confined.words.startswith(
        "observed, not enforced: no user namespace (Operation not permitted)"
    )


def test_undeclared_read_is_refused_and_named(yard: Cell) -> None:
    outcome = yard.run("open('secret.csv')")
    assert outcome.exit_code == 1
    assert outcome.observation is not None
    assert str(yard.place / "secret.csv") in outcome.observation.refused


def test_undeclared_write_is_refused(yard: Cell) -> None:
    (yard.place.parent / "elsewhere").mkdir()
    assert yard.attempt("open('../elsewhere/x', 'w')") == "PermissionError"
    assert yard.attempt("open('/usr/lib/x', 'w')") == "PermissionError"


def test_key_is_hidden_even_within_a_declared_place(yard: Cell) -> None:
    (yard.place / "project" / "keys").mkdir(parents=True)
    (yard.place / "project" / "keys" / "alice.pem").write_text("PRIVATE KEY")
    given = {"inputs": {"project": Path("project")}, "hidden": (yard.place / "project" / "keys",)}
    assert yard.attempt("open('project/keys/alice.pem').read()", **given) == "PermissionError"


def test_network_is_refused(yard: Cell) -> None:
    assert yard.attempt("socket.create_connection(('127.0.0.1', 1), 2)") == "PermissionError"
    with pytest.raises(InputError, match="--allow-net needs a network namespace"):
        yard.run("pass", destinations=destinations.parse(["localhost:80"]))


def test_daemon_is_killed(yard: Cell) -> None:
    script = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0: time.sleep(60)\n"
        "    os._exit(0)\n"
        "time.sleep(0.3)"
    )
    assert yard.run(script).left == 1


def test_ptrace_and_environment_are_closed(yard: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "leaked")
    assert "leaked" not in yard.attempt("dict(os.environ)")
    attach = f"ctypes.CDLL(None).ptrace(16, {os.getpid()}, 0, 0)"
    assert yard.attempt(attach) == "did -1"
