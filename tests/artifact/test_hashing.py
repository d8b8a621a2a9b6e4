from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelward.artifact import hashing
from modelward.artifact.hashing import BUFFER_BYTES, digest_of, hash_file, hash_tree
from modelward.core.digest import Digest
from modelward.core.errors import InputError

PAGE = Path(__file__).parents[2] / "docs" / "digests.md"


def documented_command() -> str:
    match = re.search(r"```sh\n(find -L .*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert match
    return match[1].replace("\\\n", " ")


def by_coreutils(root: Path) -> str:
    """What the one-liner of docs/digests.md says."""
    run = subprocess.run(["bash", "-c", documented_command()], cwd=root, capture_output=True, check=True)
    return run.stdout.decode().split()[0]


class Recorder:
    """Progress that keeps what it is told, and may act on it."""

    def __init__(self, act: Callable[[int], None] | None = None) -> None:
        self.total = 0
        self.count = 0
        self.ended = 0
        self._act = act
        self._lock = threading.Lock()

    def start(self, total_bytes: int) -> None:
        self.total = total_bytes

    def advance(self, n: int) -> None:
        with self._lock:
            self.count += n
            if self._act:
                self._act(self.count)

    def done(self) -> None:
        self.ended += 1


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    (root / "sub").mkdir(parents=True)
    for number in range(20):
        (root / "sub" / f"{number}.bin").write_bytes(os.urandom(number * 50_000))
    (root / "größe 模型").write_text("x")
    (root / "sub-").write_text("x")
    (root / "*star").write_text("x")
    (root / " lead").write_text("x")
    (root / "--help").write_text("x")
    (root / "link").symlink_to("sub/3.bin")
    (root / "linked").symlink_to("sub")
    return root


def test_tree_digest_is_what_the_documented_command_says(tree: Path) -> None:
    manifest = hash_tree(tree)
    assert manifest.digest == Digest("dirHash", by_coreutils(tree))
    assert manifest.files == 46
    assert manifest.bytes == sum(number * 50_000 for number in range(20)) * 2 + 150_000 + 5


def test_stored_manifest_is_checked_by_sha256sum(tree: Path, tmp_path: Path) -> None:
    listing = tmp_path / "SHA256SUMS"
    listing.write_bytes(hash_tree(tree).to_bytes())
    subprocess.run(["sha256sum", "--strict", "--status", "-c", listing], cwd=tree, check=True)


NAME = st.text("ab-._ *#é模\U0001f600", min_size=1, max_size=4).filter(
    lambda name: name.strip(".") and name != "-"
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.lists(NAME, min_size=1, max_size=3).map("/".join), st.binary(max_size=20), min_size=1)
)
def test_any_tree_has_the_digest_that_coreutils_give_it(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    root = tmp_path_factory.mktemp("tree")
    for name, content in files.items():
        path = root / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError:  # a file is in the way of a directory
            continue
    try:
        manifest = hash_tree(root)
    except InputError as error:
        assert "one name" in error.message or "no file" in error.message  # noqa: PT017
        return
    assert manifest.digest.value == by_coreutils(root)


@pytest.mark.parametrize(
    "size", [0, 1, BUFFER_BYTES - 1, BUFFER_BYTES, BUFFER_BYTES + 1, 5 * BUFFER_BYTES + 7]
)
def test_file_digest(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    path = tmp_path / "file"
    path.write_bytes(content)
    progress = Recorder()
    assert hash_file(path, progress=progress) == Digest("sha256", hashlib.sha256(content).hexdigest())
    assert (progress.total, progress.count, progress.ended) == (size, size, 1)


def test_digest_of_tells_file_from_tree(tree: Path) -> None:
    assert digest_of(tree / "link") == hash_file(tree / "sub" / "3.bin")
    assert digest_of(tree) == hash_tree(tree).digest


def test_name_and_content_are_bound(tree: Path) -> None:
    before = hash_tree(tree).digest
    (tree / "sub" / "3.bin").rename(tree / "sub" / "swap")
    (tree / "sub" / "4.bin").rename(tree / "sub" / "3.bin")
    (tree / "sub" / "swap").rename(tree / "sub" / "4.bin")
    assert hash_tree(tree).digest != before


def test_progress_counts_every_byte_once(tree: Path) -> None:
    progress = Recorder()
    manifest = hash_tree(tree, progress=progress)
    assert progress.total == progress.count == manifest.bytes
    assert progress.ended == 1


def test_ignored_paths_are_left_out(tree: Path) -> None:
    names = [entry.name for entry in hash_tree(tree, ignore=["sub", "link", "linked"]).entries]
    assert names == [" lead", "*star", "--help", "größe 模型", "sub-"]


@pytest.mark.parametrize("make", [lambda root: None, lambda root: (root / "sub").mkdir()])
def test_tree_without_files_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path)
    with pytest.raises(InputError, match="no file to digest"):
        hash_tree(tmp_path)


@pytest.mark.parametrize("name", ["missing", "pipe"])
def test_what_is_not_a_file_is_refused_without_waiting(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError) as caught:
        digest_of(tmp_path / name)
    assert caught.value.where == str(tmp_path / name)


def test_names_that_differ_only_in_case_are_refused(tmp_path: Path) -> None:
    (tmp_path / "Model.bin").write_text("1")
    (tmp_path / "model.bin").write_text("2")
    with pytest.raises(InputError, match="one name"):
        hash_tree(tmp_path)


def _once(act: Callable[[], object]) -> Callable[[int], None]:
    done: list[bool] = []

    def once(_: int) -> None:
        if not done:
            done.append(True)
            act()

    return once


def _rewrite_in_place(path: Path) -> None:
    status = path.stat()
    with path.open("r+b") as stream:
        stream.write(b"other")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))  # a careful forger sets the time back


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.open("ab").write(b"more"),
        lambda path: os.truncate(path, 1000),
        lambda path: os.truncate(path, 0),
        _rewrite_in_place,
        os.utime,
    ],
    ids=["grows", "shrinks", "emptied", "rewritten with its old time", "touched"],
)
@pytest.mark.filterwarnings("ignore:unclosed file")
def test_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(3 * BUFFER_BYTES))
    with pytest.raises(InputError, match="changed while") as caught:
        hash_file(path, progress=Recorder(_once(lambda: change(path))))
    assert caught.value.where == str(path)
    path.write_bytes(bytes(3 * BUFFER_BYTES))
    with pytest.raises(InputError, match="changed while"):
        hash_tree(tmp_path, progress=Recorder(_once(lambda: change(path))))


@pytest.mark.parametrize("name", ["sub/late", "sub/19.bin"])
def test_file_added_or_replaced_while_the_tree_is_read_is_refused(tree: Path, name: str) -> None:
    def act() -> None:
        (tree.parent / "new").write_text("x")
        os.replace(tree.parent / "new", tree / name)

    with pytest.raises(InputError, match="changed while"):
        hash_tree(tree, progress=Recorder(_once(act)))


def test_unreadable_file_is_named(tree: Path) -> None:
    """Root reads everything, so as root without that privilege."""
    (tree / "link").unlink()
    (tree / "linked").unlink()
    (tree / "sub" / "7.bin").chmod(0)
    command = [sys.executable, "-m", "modelward", "digest", tree]
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("skipped: needs setpriv")
        command = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", *command]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    assert "sub/7.bin: cannot read it: permission denied" in run.stderr


def test_interrupt_stops_all_threads(tree: Path) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hash_tree(tree, progress=Recorder(_once(interrupt)))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("hash")]


def test_no_descriptor_is_left_open(tree: Path) -> None:
    before = os.listdir("/proc/self/fd")
    hash_tree(tree)
    (tree / "sub" / "5.bin").write_text("other")
    with pytest.raises(InputError):
        hash_tree(tree, progress=Recorder(_once(lambda: (tree / "new").write_text("x"))))
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_number_of_threads_does_not_matter(tree: Path, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "cores", lambda: threads)
    assert hash_tree(tree).digest.value == by_coreutils(tree)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as stream:
        stream.truncate(400 << 20)
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from modelward.artifact.hashing import hash_tree\n"
        "hash_tree(sys.argv[1])\n"
        "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True
    )
    assert int(run.stdout) < 100 << 10


def test_importing_it_is_light() -> None:
    program = (
        "import sys\n"
        "import modelward.artifact.hashing, modelward.artifact.manifest, modelward.artifact.store\n"
        "print(sorted({'obstore', 'asyncio', 'concurrent', 'tqdm', 'logging'} & sys.modules.keys()))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
