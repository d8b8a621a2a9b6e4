"""The command gets what was declared and nothing else. Each attack has its test."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from tests.pipeline.sandbox.conftest import Cell

from modelward.core.errors import InputError, UsageError
from modelward.pipeline.sandbox import destinations
from modelward.pipeline.sandbox.job import Job
from modelward.pipeline.sandbox.limits import Limits


def test_declared_input_is_read_and_declared_output_written(cell: Cell) -> None:
    outcome = cell.run("open('out', 'w').write(open('data.csv').read())")
    assert (outcome.exit_code, cell.made) == (0, {"out": "text,label\nhello,0\n"})
    assert outcome.recorded["observed"]["unopened"] == []
    assert sorted(os.listdir(cell.place)) == ["data.csv", "secret.csv"]


def test_undeclared_read_fails_and_the_path_is_named(cell: Cell) -> None:
    outcome = cell.run("open('secret.csv')")
    assert outcome.exit_code == 1
    assert outcome.observation is not None
    assert outcome.observation.refused == [str(cell.place / "secret.csv")]


def test_undeclared_read_through_a_link_of_its_own_fails(cell: Cell) -> None:
    secret = cell.place / "secret.csv"
    assert cell.attempt(f"(os.symlink({str(secret)!r}, 'link'), open('link').read())") != "did"
    assert "not declared" not in cell.said


def test_undeclared_read_by_another_program_fails(cell: Cell) -> None:
    assert "not declared" not in cell.attempt(
        "subprocess.run(['cat', 'secret.csv'], capture_output=True).stdout"
    )


def test_input_cannot_be_changed_or_removed(cell: Cell) -> None:
    assert cell.attempt("open('data.csv', 'a').write('poison')") == "OSError"
    assert cell.attempt("os.unlink('data.csv')") == "OSError"
    assert cell.attempt("os.rename('data.csv', 'other.csv')") == "OSError"
    assert Path("data.csv").read_text() == "text,label\nhello,0\n"


def test_write_outside_the_outputs_does_not_happen(cell: Cell) -> None:
    (cell.place.parent / "elsewhere").mkdir()
    assert cell.attempt("open('../elsewhere/x', 'w')") in ("FileNotFoundError", "OSError", "PermissionError")
    assert cell.attempt("open('/usr/lib/x', 'w')") in ("OSError", "PermissionError")
    assert cell.attempt("open('/etc/x', 'w')") in ("OSError", "PermissionError")
    assert not list((cell.place.parent / "elsewhere").iterdir())


def test_what_is_written_beside_the_output_is_thrown_away_and_named(cell: Cell) -> None:
    outcome = cell.run("open('log.txt', 'w').write('x'); open('out', 'w').write('y')")
    assert outcome.discarded == (str(cell.place / "log.txt"),)
    assert not (cell.place / "log.txt").exists()


def test_write_through_a_symbolic_link_out_of_the_outputs_fails(cell: Cell) -> None:
    victim = cell.place.parent / "victim"
    victim.write_text("safe")
    cell.attempt(f"(os.symlink({str(victim)!r}, 'out'), open('out', 'w').write('owned'))")
    assert victim.read_text() == "safe"


def test_hard_link_to_an_input_cannot_be_made_to_write_it(cell: Cell) -> None:
    assert cell.attempt("(os.link('data.csv', 'out'), open('out', 'a').write('poison'))") == "OSError"
    assert Path("data.csv").read_text() == "text,label\nhello,0\n"


def test_output_of_another_step_is_neither_seen_nor_written(cell: Cell) -> None:
    (cell.place / "other-model").mkdir()
    (cell.place / "other-model" / "weights").write_text("w")
    assert cell.attempt("open('other-model/weights').read()") in ("PermissionError", "FileNotFoundError")
    cell.attempt("(os.makedirs('other-model', exist_ok=True), open('other-model/weights', 'w').write('x'))")
    assert (cell.place / "other-model" / "weights").read_text() == "w"


def test_key_and_registry_are_hidden_even_within_a_declared_place(cell: Cell) -> None:
    keys = cell.place / "project" / "keys"
    keys.mkdir(parents=True)
    (keys / "alice.pem").write_text("PRIVATE KEY")
    (cell.place / "project" / "code.py").write_text("x = 1")
    given = {"inputs": {"project": Path("project")}, "hidden": (keys,)}
    assert cell.attempt("sorted(os.listdir('project'))", **given) == "did ['code.py', 'keys']"
    assert cell.attempt("os.listdir('project/keys')", **given) == "did []"
    assert cell.attempt("open('project/keys/alice.pem').read()", **given) in (
        "FileNotFoundError",
        "PermissionError",
    )


def test_network_is_closed(cell: Cell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert cell.attempt(f"socket.create_connection(('127.0.0.1', {port}), 2)") == "ConnectionRefusedError"
    assert cell.attempt("socket.create_connection(('192.0.2.1', 443), 2)") == "OSError"
    assert cell.attempt("socket.getaddrinfo('example.com', 443)") == "gaierror"


def test_abstract_socket_of_another_process_is_out_of_reach(cell: Cell) -> None:
    name = f"\0modelward-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        assert cell.attempt(f"socket.socket(socket.AF_UNIX).connect({name!r})") == "ConnectionRefusedError"


@pytest.mark.parametrize("family", ["AF_VSOCK", "AF_PACKET", "AF_ALG"])
def test_socket_that_leaves_the_machine_another_way_is_refused(cell: Cell, family: str) -> None:
    assert cell.attempt(f"socket.socket(socket.{family})") == "PermissionError"


def test_allowed_destination_is_reached_by_name_and_counted(cell: Cell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def serve() -> None:
            end, _ = server.accept()
            with end:
                end.sendall(end.recv(100).upper())

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        script = (
            "import socket, sys\n"
            "end = socket.create_connection(('localhost', int(sys.argv[1])), 5)\n"
            "end.sendall(b'hello'); print(end.recv(100))"
        )
        outcome = cell.run(script, str(port), destinations=destinations.parse([f"localhost:{port}"]))
        thread.join()
    assert cell.said == "b'HELLO'\n"
    (traffic,) = outcome.recorded["confinement"]["network"]
    assert (traffic["connections"], traffic["sent"], traffic["received"]) == (1, 5, 5)


def test_other_port_of_an_allowed_host_is_closed(cell: Cell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_server(("127.0.0.1", 0)) as other:
        allowed = destinations.parse([f"localhost:{server.getsockname()[1]}"])
        connect = f"socket.create_connection(('localhost', {other.getsockname()[1]}), 2)"
        assert cell.attempt(connect, destinations=allowed) == "ConnectionRefusedError"


def test_signer_is_not_in_its_proc(cell: Cell) -> None:
    assert cell.attempt(f"open('/proc/{os.getpid()}/mem', 'rb')") in ("FileNotFoundError", "PermissionError")
    found = cell.attempt("[name for name in os.listdir('/proc') if name.isdigit()]")
    assert len(eval(found.removeprefix("did "))) <= 3  # init, the command


def test_memory_of_init_cannot_be_read(cell: Cell) -> None:
    assert cell.attempt("open('/proc/1/mem', 'rb').read(1)") == "PermissionError"
    assert cell.attempt("open('/proc/1/environ', 'rb').read(1)") == "PermissionError"


def test_ptrace_is_refused(cell: Cell) -> None:
    attach = "ctypes.CDLL(None, use_errno=True).ptrace(16, {pid}, 0, 0), ctypes.get_errno()"
    assert cell.attempt(attach.format(pid=1)).startswith("did -1")
    assert cell.attempt(attach.format(pid=os.getpid())).startswith("did -1")


def test_kernel_settings_in_proc_cannot_be_written(cell: Cell) -> None:
    before = Path("/proc/sys/kernel/core_pattern").read_text()
    assert cell.attempt("open('/proc/sys/kernel/core_pattern', 'w').write('|/tmp/x')") in (
        "OSError",
        "PermissionError",
    )
    assert Path("/proc/sys/kernel/core_pattern").read_text() == before


def test_daemon_does_not_survive_the_step(cell: Cell) -> None:
    script = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        while True:\n"
        "            open('out', 'a').write('late'); time.sleep(0.01)\n"
        "    os._exit(0)\n"
        "time.sleep(0.3)\n"
    )
    outcome = cell.run(script)
    assert outcome.exit_code == 0
    assert outcome.left >= 1
    assert "late" in cell.made["out"]  # it ran, and was gone before the output was read


def test_descriptor_of_ours_is_not_inherited(cell: Cell) -> None:
    with (cell.place / "secret.csv").open() as secret:
        os.set_inheritable(secret.fileno(), True)
        found = cell.attempt("os.listdir('/proc/self/fd')")
    assert len(eval(found.removeprefix("did "))) <= 4  # 0, 1, 2, and the one that lists


def test_standard_input_is_not_a_way_in(cell: Cell) -> None:
    program = (
        "from tests.pipeline.sandbox.conftest import Cell; from pathlib import Path;"
        "from modelward.pipeline.sandbox import facilities;"
        "from modelward.pipeline.sandbox.confined import Confined;"
        "cell = Cell(Path('.'), Confined(facilities.probe()));"
        "print(cell.attempt('sys.stdin.read()'))"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=b"undeclared",
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert done.stdout == b"did\n"


def test_set_user_id_program_gives_no_rights(cell: Cell) -> None:
    status = cell.attempt(
        "[line for line in open('/proc/self/status') if line.startswith(('Cap', 'NoNewPrivs'))]"
    )
    assert "NoNewPrivs:\\t1" in status
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert f"{kind}:\\t0000000000000000" in status
    script = (
        "os.chmod(os.open('out', os.O_CREAT | os.O_WRONLY), 0o4755), os.statvfs('.').f_flag & os.ST_NOSUID"
    )
    assert cell.attempt(script) == f"did None {os.ST_NOSUID}"


@pytest.mark.parametrize("call", ["unshare(0x10000000)", "unshare(0x00020000)", "setns(0, 0)"])
def test_new_namespaces_are_refused(cell: Cell, call: str) -> None:
    assert cell.attempt(f"ctypes.CDLL(None).{call}") == "did -1"


def test_mounting_is_refused(cell: Cell) -> None:
    assert cell.attempt("ctypes.CDLL(None).mount(b'x', b'/tmp', b'tmpfs', 0, None)") == "did -1"
    assert cell.attempt("ctypes.CDLL(None).umount2(b'/tmp', 2)") == "did -1"


def test_old_root_cannot_be_found_again(cell: Cell) -> None:
    assert cell.attempt("os.chroot('.')") == "PermissionError"
    assert cell.attempt("os.listdir('/proc/1/root')") == "PermissionError"
    assert sorted(os.listdir("/")) != cell.attempt("sorted(os.listdir('/../../..'))")


def test_environment_does_not_leak(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "leaked")
    monkeypatch.setenv("MODELWARD_PASSPHRASE", "leaked")
    monkeypatch.setenv("LD_PRELOAD_LIKE", "leaked")
    assert "leaked" not in cell.attempt("dict(os.environ)")
    assert "leaked" not in cell.attempt("open('/proc/1/environ').read()")


def test_secret_reaches_the_command_and_no_record(cell: Cell) -> None:
    outcome = cell.run("import os; print(os.environ['TOKEN'])", secrets={"TOKEN": "correct-horse"})
    assert cell.said == "correct-horse\n"
    assert outcome.recorded["confinement"]["secrets"] == ["TOKEN"]
    assert "correct-horse" not in repr(outcome)


def test_nothing_is_left_in_shared_memory_or_temporary_directories(cell: Cell) -> None:
    before = set(os.listdir("/dev/shm"))
    outcome = cell.run(
        "open('/dev/shm/left', 'w').write('x'); open('/tmp/left', 'w').write('x'); open('out', 'w')"
    )
    assert outcome.exit_code == 0
    assert "left" not in set(os.listdir("/dev/shm")) - before
    assert not Path("/tmp/left").exists()
    assert sorted(os.listdir(cell.place)) == ["data.csv", "secret.csv"]


def test_shared_memory_of_others_is_not_seen(cell: Cell) -> None:
    planted = Path(f"/dev/shm/modelward-{os.getpid()}")
    planted.write_text("undeclared")
    try:
        assert cell.attempt("os.listdir('/dev/shm')") == "did []"
    finally:
        planted.unlink()


def test_typing_on_the_terminal_is_refused(cell: Cell) -> None:
    assert cell.attempt("__import__('fcntl').ioctl(1, 0x5412, b'x')") == "PermissionError"


def test_io_uring_does_not_get_past_the_observer(cell: Cell) -> None:
    assert (
        cell.attempt("ctypes.CDLL(None, use_errno=True).syscall(425, 1, 0), ctypes.get_errno()") == "did -1 1"
    )


def test_large_directory_input_is_whole(cell: Cell) -> None:
    place = cell.place / "many"
    place.mkdir()
    for number in range(50):
        (place / f"{number}.txt").write_text(str(number))
    reading = "sum(int(open(f'many/{n}.txt').read()) for n in range(50))"
    assert cell.attempt(reading, inputs={"many": Path("many")}) == "did 1225"


def test_input_named_through_a_link_is_found(cell: Cell) -> None:
    os.symlink("data.csv", "current.csv")
    assert cell.attempt("open('current.csv').read()", inputs={"data": Path("current.csv")}).startswith(
        "did text"
    )


def test_cache_of_the_hub_is_followed_to_its_blobs(cell: Cell) -> None:
    (cell.place / "blobs").mkdir()
    (cell.place / "blobs" / "ab12").write_text("weights")
    snapshot = cell.place / "snapshots" / "rev"
    snapshot.mkdir(parents=True)
    os.symlink("../../blobs/ab12", snapshot / "model.bin")
    read = "open('snapshots/rev/model.bin').read()"
    assert cell.attempt(read, inputs={"base": Path("snapshots/rev")}) == "did weights"


def test_existing_empty_directory_is_all_that_is_writable(cell: Cell) -> None:
    (cell.place / "model").mkdir()
    given = {"outputs": {"model": Path("model")}}
    assert cell.attempt("open('model/w', 'w').write('x')", **given) == "did 1"
    assert cell.attempt("open('beside', 'w')", **given) in ("OSError", "PermissionError")


def test_code_in_the_working_directory_is_found_if_declared(cell: Cell) -> None:
    (cell.place / "helper.py").write_text("answer = 42")
    assert cell.attempt("__import__('helper').answer") == "ModuleNotFoundError"
    assert cell.attempt("__import__('helper').answer", code=[Path("helper.py")]) == "did 42"


def test_made_files_of_the_system_are_readable(cell: Cell) -> None:
    assert "localhost" in cell.attempt("open('/etc/hosts').read()")
    assert cell.attempt("__import__('pwd').getpwuid(os.getuid()).pw_dir") == "did /tmp"


def test_exit_code_and_death_by_signal_come_back(cell: Cell) -> None:
    assert cell.run("raise SystemExit(42)").exit_code == 42
    assert cell.run("import os; os.kill(os.getpid(), 9)").exit_code == 137


def test_time_limit_ends_the_step(cell: Cell) -> None:
    outcome = cell.run("import time; time.sleep(60)", limits=Limits({"time": 1}))
    assert (outcome.exit_code, outcome.timed_out) == (137, True)


def test_resource_limits_hold(cell: Cell) -> None:
    outcome = cell.run("x = bytearray(1 << 30)", limits=Limits({"memory": 256 << 20}))
    assert outcome.exit_code == 1
    outcome = cell.run("open('out', 'wb').write(bytes(1 << 20))", limits=Limits({"file-size": 1000}))
    assert outcome.exit_code != 0


def test_signal_reaches_the_command(cell: Cell) -> None:
    threading.Timer(1.5, lambda: os.kill(os.getpid(), signal.SIGUSR1)).start()
    started = time.monotonic()
    script = (
        "import signal, sys, time; signal.signal(signal.SIGUSR1, lambda *_: sys.exit(33)); time.sleep(60)"
    )
    assert cell.run(script).exit_code == 33
    assert time.monotonic() - started < 30


def test_command_that_is_not_there(cell: Cell) -> None:
    job = Job(["no-such-command-here"], outputs={"out": Path("out")})
    with pytest.raises(InputError, match="no such command"), cell.confined.running(job):
        pass


def test_interpreter_that_is_a_script_is_named(cell: Cell) -> None:
    shim = cell.place / "python"
    shim.write_text('#!/bin/sh\nexec python3 "$@"\n')
    shim.chmod(0o755)
    with (
        pytest.raises(InputError, match="a script that chooses an interpreter"),
        cell.confined.running(Job(["./python", "x.py"], outputs={"out": Path("out")})),
    ):
        pass


def test_output_in_the_root_directory_is_refused(cell: Cell) -> None:
    with pytest.raises(UsageError, match="root directory"):
        cell.run("pass", outputs={"out": Path("/modelward-out")})


def test_program_that_is_asked_about_itself_cannot_read_keys(cell: Cell) -> None:
    (cell.place / "out").mkdir()
    spy = cell.place / "pythonish"
    spy.write_text("#!/bin/sh\ncat secret.csv 2>/dev/null || echo nothing\n")
    spy.chmod(0o755)
    assert cell.confined.ask([str(spy)]) == "nothing"


def test_user_namespace_serves_where_root_may_not(cell: Cell) -> None:
    from modelward.pipeline.sandbox.confined import Confined
    from modelward.pipeline.sandbox.facilities import Facilities

    cell.confined = Confined(Facilities(user_namespace=True, landlock=1, observer=True))
    assert cell.attempt("open('data.csv').read()").startswith("did text")
    assert cell.attempt("open('secret.csv').read()") == "PermissionError"
    assert cell.attempt("open('data.csv', 'a')") == "OSError"
