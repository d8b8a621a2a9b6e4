"""The repository keeps its own rules: sizes, mirrored tests, nothing of one machine in it."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "modelward"

MAX_FILE = 400
MAX_FUNCTION = 60

#: Files and functions (`file:function`) that may be longer, and why. One that no longer is fails the test.
LONGER: dict[str, str] = {}

#: Modules (or folders, with a slash) without test files of their own -> the test file that covers them.
COVERED_ELSEWHERE: dict[str, str] = {
    "__init__.py": "house/test_start.py",
    "__main__.py": "house/test_start.py",
    "attest/predicates/": "attest/test_predicates.py",
    "cli/data/__init__.py": "cli/data/test_snapshot.py",
    "cli/data/check_options.py": "cli/data/test_review.py",
    "cli/data/custody_text.py": "cli/data/test_show.py",
    "cli/data/datasets.py": "cli/data/test_show.py",
    "cli/data/indexes.py": "cli/data/test_diff.py",
    "cli/data/options.py": "cli/data/test_custody.py",
    "cli/data/prove_check.py": "cli/data/test_prove.py",
    "cli/data/publishing.py": "cli/data/test_snapshot.py",
    "cli/data/trace_text.py": "cli/data/test_trace.py",
    "cli/lazy.py": "house/test_start.py",
    "cli/output.py": "house/test_start.py",
    "data/profile/facts.py": "data/profile/test_former.py",
    "data/profile/parts.py": "data/profile/test_profile.py",
    "data/profile/references.py": "data/profile/test_overlap.py",
    "data/profile/state.py": "data/profile/test_profile.py",
    "data/__init__.py": "data/test_recorder.py",
    "data/engine_worker.py": "data/test_engine_local.py",
    "deploy/decision.py": "deploy/test_verify.py",
    "deploy/statements.py": "deploy/test_verify.py",
    "formats/facts.py": "scan/rules/test_embedded_code.py",
    "formats/graph_facts.py": "scan/rules/test_exhausting.py",
    "gate/checks/options.py": "gate/test_policy.py",
    "gate/checks/wording.py": "gate/checks/test_scanned.py",
    "gate/context.py": "gate/test_evaluate.py",
    "probe/figures.py": "cli/data/test_probe.py",
    "probe/models/model.py": "probe/models/test_transformer.py",
    "probe/report.py": "probe/test_run.py",
    "pipeline/sandbox/asking.py": "pipeline/sandbox/test_confined.py",
    "pipeline/sandbox/inside.py": "pipeline/sandbox/test_confined.py",
    "pipeline/sandbox/job.py": "pipeline/sandbox/test_confined.py",
    "pipeline/sandbox/kernel.py": "pipeline/sandbox/test_confined.py",
    "pipeline/sandbox/landlock.py": "pipeline/sandbox/test_confined.py",
    "pipeline/sandbox/mounts.py": "pipeline/sandbox/test_confined.py",
    "pipeline/sandbox/outside.py": "pipeline/sandbox/test_confined.py",
    "pipeline/sandbox/watch.py": "pipeline/sandbox/test_confined.py",
    "registry/migrations/versions/": "registry/test_replay.py",
}

#: Hosts that packages come from, in pieces so that this file does not name them.
HOSTS = ("pypi." + "org", "python" + "hosted.org", "registry.npm" + "js", "deb." + "debian.org")


def tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listing.returncode:
        pytest.skip("skipped: needs git and the repository's history")
    return [path for name in listing.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def relative(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def has_code(path: Path) -> bool:
    """Whether a module defines anything; an `__init__` that only gathers names does not."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        for node in ast.parse(path.read_text(encoding="utf-8")).body
    )


def long_parts() -> Iterator[tuple[str, int]]:
    for path in modules():
        text = path.read_text(encoding="utf-8")
        if (lines := text.count("\n")) > MAX_FILE:
            yield relative(path), lines
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MAX_FUNCTION:
                    yield f"{relative(path)}:{node.name}", lines


def test_files_and_functions_stay_short() -> None:
    long = dict(long_parts())
    assert {name: lines for name, lines in long.items() if name not in LONGER} == {}
    assert not set(LONGER) - set(long), "exceptions that are no longer needed"


def test_every_module_has_its_test_file() -> None:
    missing = []
    for path in modules():
        name = relative(path)
        mirrored = ROOT / "tests" / path.relative_to(SOURCE).parent / f"test_{path.stem}.py"
        elsewhere = {name, f"{name.rpartition('/')[0]}/"} & COVERED_ELSEWHERE.keys()
        if has_code(path) and not mirrored.exists() and not elsewhere:
            missing.append(name)
    assert missing == []


@pytest.mark.parametrize(("module", "test"), COVERED_ELSEWHERE.items())
def test_exception_names_a_real_test(module: str, test: str) -> None:
    assert (SOURCE / module).exists()
    mirrored = ROOT / "tests" / module.rpartition("/")[0] / f"test_{Path(module).stem}.py"
    assert not mirrored.exists(), "it has a test file of its own: the exception is no longer needed"
    assert (ROOT / "tests" / test).is_file()


def test_nothing_names_a_package_index_or_this_machine() -> None:
    marks = [re.escape(mark) for mark in HOSTS]
    marks.append(re.escape("/work/" + "main"))
    marks.append("/(?:root|home/[a-z]+)/" + r"\.pyenv")
    if len(ROOT.parts) > 3:
        marks.append(re.escape(str(ROOT)) + r"\b")
    pattern = re.compile("|".join(marks).encode())
    found = [
        f"{path.relative_to(ROOT)}:{data[: match.start()].count(10) + 1}"
        for path in tracked()
        for data in (path.read_bytes(),)
        for match in pattern.finditer(data)
    ]
    assert found == []


def test_no_build_output_is_tracked() -> None:
    ignored = subprocess.run(
        ["git", "ls-files", "--cached", "--ignored", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ignored.stdout.split() == []
